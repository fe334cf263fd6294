"use strict";
{
  const seen = { problems: window.problems, lang: document.documentElement.lang };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const say = (element) => `${element.tagName} ${element.id || element.className} ${element.textContent.trim().slice(0, 40)}`;
  seen.width = innerWidth;
  seen.scroll_width = document.documentElement.scrollWidth;

  const tables = all("figure.panelyst"), figures = all("figure.chart");
  seen.tables = tables.length;
  seen.figures = figures.length;
  const empty = (element) => {
    const box = element.getBoundingClientRect();
    return box.width < 50 || box.height < 20;
  };
  seen.empty = [...tables, ...figures].filter(empty).map(say);

  // Titles are read without scrolling.
  const words = document.createRange();
  const cut = (caption) => {
    words.selectNodeContents(caption);
    const box = words.getBoundingClientRect();
    return box.left < 0 || box.right > innerWidth;
  };
  seen.cut = all("figure.panelyst caption").filter(cut).map(say);

  // What a screen reader says: the label, the words inside, or those of another element.
  const name = (element) => element.getAttribute("aria-label") || (element.labels && element.labels.length > 0 && element.labels[0].textContent.trim())
    || (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => (document.getElementById(id) || {}).textContent || "").join(" ").trim()
    || element.title || element.textContent.trim();
  const used = all("a, button, select, summary, svg[role=img], nav, [role=region], [role=group]");
  seen.unnamed = used.filter((element) => !name(element)).map(say);
  seen.unnamed.push(...all("svg").filter((svg) => svg.getAttribute("role") !== "img" || !svg.querySelector("title") || !svg.querySelector("desc").textContent).map(say));
  seen.unnamed.push(...all("table").filter((table) => !table.caption && !table.closest("figure").getAttribute("aria-label")).map(say));
  const scrolls = all("main *").filter((element) => element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(element).overflowX));
  seen.unreachable = scrolls.filter((element) => element.tabIndex < 0).map(say);
  seen.broken = all("a[href^='#']").filter((a) => !document.getElementById(a.getAttribute("href").slice(1))).map(say);
  const ids = all("[id]").map((element) => element.id);
  seen.twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  seen.loaded = performance.getEntriesByType("resource").map((entry) => entry.name).filter((url) => !url.startsWith("data:"));

  // Text of a figure lies inside its frame.
  seen.overlong = [];
  for (const svg of all(".chart svg")) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        seen.overlong.push(`${svg.parentNode.parentNode.id}: ${text.textContent}`);
      }
    }
  }

  // The switch, as a reader uses it.
  const baseline = document.querySelector("[id$='-baseline']");
  const cells = (figure = baseline) => [...figure.querySelectorAll("tbody tr")].map((row) => [...row.cells].slice(1).map((cell) => cell.textContent.trim()));
  const stars = () => cells().flat().map((text) => text.replace(/[^*]/g, "")).join("|");
  const numbers = (rows) => rows.filter((_, place) => place % 2 === 0).slice(0, 4).flat().map((text) => text.replace(/\*/g, "")).join("|");
  const brackets = (rows) => rows.filter((_, place) => place % 2 === 1).slice(0, 4).flat().join("|");
  const others = {};
  const look = (numbers_as, brackets_as) => {
    for (const kind of ["robustness", "heterogeneity"]) {
      const rows = cells(document.querySelector(`[id$='-${kind}']`));
      others[kind] = { ...others[kind], [numbers_as]: numbers(rows), [brackets_as]: brackets(rows) };
    }
  };
  const choose = (id, value) => {
    const select = document.getElementById(id);
    select.value = value;
    select.dispatchEvent(new Event("change"));
  };
  seen.stars = { own: stars().replace(/^\|*$/, "") };
  seen.estimates = { own: numbers(cells()) };
  seen.errors = { own: brackets(cells()) };
  look("numbers", "own");
  choose("errors", "iid");
  look("numbers_iid", "iid");
  seen.stars.iid = stars();
  seen.estimates.iid = numbers(cells());
  seen.status = document.getElementById("status").textContent;
  choose("errors", "");
  choose("convention", "plm");
  seen.errors.plm = brackets(cells());
  choose("convention", "");
  seen.stars.back = stars();
  look("numbers_back", "back");
  seen.others = others;

  const cell = baseline.querySelector("td[tabindex='0']");
  cell.focus();
  cell.dispatchEvent(new Event("focus"));
  const tip = document.getElementById("source");
  seen.source = tip.hidden ? "" : tip.textContent;
  dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  seen.source_hidden = tip.hidden;

  parent.postMessage(JSON.stringify(seen), "*");
}
