"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const say = data.words;
  const tip = document.getElementById("source");

  // Wide tables scroll inside their figure, also with the keyboard.
  for (const figure of document.querySelectorAll("figure.panelyst")) {
    figure.tabIndex = 0;
    const caption = figure.querySelector("caption");
    if (caption) figure.setAttribute("aria-label", caption.textContent);
  }

  // Where the numbers of a column come from, on hover and on focus.
  const explain = (figure) => {
    const sources = figure.dataset.variant === undefined
      ? data.sources[figure.id] : data.variants[figure.id][figure.dataset.variant].sources;
    if (!sources) return;
    for (const row of figure.querySelectorAll("tbody tr")) {
      [...row.children].forEach((cell, column) => {
        const text = sources[column - 1];
        if (cell.tagName !== "TD" || !text || !cell.textContent.trim()) return;
        cell.tabIndex = 0;
        cell.setAttribute("aria-describedby", "source");
        const show = () => {
          tip.textContent = text;
          tip.hidden = false;
          const box = cell.getBoundingClientRect();
          const left = Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
          tip.style.left = `${Math.max(8, left) + scrollX}px`;
          tip.style.top = `${box.bottom + scrollY + 4}px`;
        };
        const hide = () => { tip.hidden = true; };
        cell.addEventListener("mouseenter", show);
        cell.addEventListener("focus", show);
        cell.addEventListener("mouseleave", hide);
        cell.addEventListener("blur", hide);
      });
    }
  };
  addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  // The switch: every variant was computed in the run and stands in this file.
  const [convention, errors] = ["convention", "errors"].map((id) => document.getElementById(id));
  const original = new Map();
  const change = () => {
    tip.hidden = true;
    // Both choices are needed for another variant: the study's own column choices are one of them.
    const key = `${convention.value}|${errors.value}`;
    for (const id of Object.keys(data.variants)) {
      const figure = document.getElementById(id);
      if (!original.has(id)) original.set(id, figure.innerHTML);
      const variant = data.variants[id][key];
      if (key === "|" || !variant) {
        figure.innerHTML = original.get(id);
        delete figure.dataset.variant;
      } else {
        figure.innerHTML = variant.html;
        figure.dataset.variant = key;
      }
      explain(figure);
    }
    const chosen = [convention, errors].map((s) => s.selectedOptions[0].textContent).join(", ");
    const kept = key === "|" ? "" : ` (${say.kept})`;
    document.getElementById("status").textContent = `${say.shown}: ${chosen}${kept}`;
  };
  if (convention) {
    convention.addEventListener("change", change);
    errors.addEventListener("change", change);
  }

  // Tables of one row an item can be sorted by any column.
  const number = (text) => {
    const plain = text.replace(/\u2212/g, "-").replace(/[*,\s]/g, "");
    return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
  };
  for (const table of document.querySelectorAll("table")) {
    const head = table.tHead && table.tHead.rows[table.tHead.rows.length - 1];
    const body = table.tBodies[0];
    if (!head || table.tBodies.length !== 1 || table.querySelector(".bracket, .statistics, [colspan]")) continue;
    [...head.cells].forEach((cell, column) => {
      if (!cell.textContent) return;
      const button = document.createElement("button");
      button.type = "button";
      button.title = say.sort;
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        for (const other of head.cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const compare = (a, b) => {
          const [x, y] = [a, b].map((row) => row.cells[column].textContent.trim());
          const [p, q] = [number(x), number(y)];
          return p !== null && q !== null ? p - q : x.localeCompare(y, document.documentElement.lang);
        };
        const rows = [...body.rows].sort((a, b) => (up ? compare(a, b) : compare(b, a)));
        body.append(...rows);
      });
    });
  }
  for (const id of Object.keys(data.sources)) explain(document.getElementById(id));
})();
