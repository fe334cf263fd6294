//! The book: its generated pages are those of the registries, everything in it that can be run runs and writes what it
//! shows, and no link leads nowhere. `PANELYST_BLESS=1 cargo test -p panelyst --test book` writes the pages anew.
#![allow(clippy::unwrap_used)]

mod binary;
#[path = "book/blocks.rs"]
mod blocks;
#[path = "book/examples.rs"]
mod examples;
#[path = "book/pages.rs"]
mod pages;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use binary::root;

fn source() -> PathBuf {
    root().join("book/src")
}

fn blessing() -> bool {
    std::env::var_os("PANELYST_BLESS").is_some()
}

/// Every page below a folder, by its path from the folder of the book.
fn written(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            written(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            let path = path.strip_prefix(source()).unwrap();
            into.insert(path.to_str().unwrap().replace('\\', "/"));
        }
    }
}

#[test]
fn generated_pages_are_those_of_the_registries() {
    let folder = blocks::bundled();
    let chapters = pages::chapters(folder.path());
    let mut pages: Vec<(String, String)> =
        vec![("SUMMARY.md".to_owned(), pages::summary(&chapters))];
    for chapter in &chapters {
        pages.push((format!("{}/index.md", chapter.folder), chapter.index()));
        let each = chapter.pages.iter();
        pages.extend(each.map(|page| {
            (
                format!("{}/{}.md", chapter.folder, page.name),
                page.text.clone(),
            )
        }));
    }
    assert!(pages.len() > 100, "a page for each row");
    if blessing() {
        for chapter in &chapters {
            let _ = fs::remove_dir_all(source().join(chapter.folder));
            fs::create_dir_all(source().join(chapter.folder)).unwrap();
        }
        for (path, text) in &pages {
            fs::write(source().join(path), text).unwrap();
        }
    }
    for (path, text) in &pages {
        let there = fs::read_to_string(source().join(path)).unwrap_or_default();
        assert_eq!(
            &there, text,
            "{path} is out of date; PANELYST_BLESS=1 writes it anew"
        );
    }
    // And nothing of rows that are gone.
    let mut there = BTreeSet::new();
    chapters
        .iter()
        .for_each(|chapter| written(&source().join(chapter.folder), &mut there));
    let made: BTreeSet<String> = pages.iter().skip(1).map(|(path, _)| path.clone()).collect();
    assert_eq!(there, made);
}

#[test]
fn blocks_of_written_pages_run_and_write_what_is_shown() {
    let mut ran = 0;
    for name in pages::WRITTEN.map(|(name, _)| name) {
        let path = source().join(name);
        let page = fs::read_to_string(&path).unwrap();
        let after = blocks::replay(&page, name);
        if blessing() {
            fs::write(&path, &after).unwrap();
        } else {
            assert_eq!(
                page, after,
                "{name} shows other outputs; PANELYST_BLESS=1 writes them anew"
            );
        }
        ran += blocks::blocks(&page)
            .iter()
            .filter(|b| b.language == "sh")
            .count();
    }
    assert!(ran >= 15, "{ran} blocks of commands");
}

/// Fragments of studies on generated pages; their commands were run when the pages were made.
#[test]
fn fragments_of_generated_pages_are_studies() {
    let mut all = BTreeSet::new();
    written(&source(), &mut all);
    let mut seen = 0;
    for name in all.iter().filter(|name| name.contains('/')) {
        let page = fs::read_to_string(source().join(name)).unwrap();
        let fragments = blocks::blocks(&page)
            .into_iter()
            .filter(|b| b.language == "toml");
        for fragment in fragments {
            blocks::replay(&format!("```toml\n{}\n```\n", fragment.text), name);
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} fragments");
}

#[test]
fn every_page_is_in_the_summary_and_no_link_leads_nowhere() {
    let mut all = BTreeSet::new();
    written(&source(), &mut all);
    let mut listed = BTreeSet::from(["SUMMARY.md".to_owned()]);
    for name in &all {
        let text = fs::read_to_string(source().join(name)).unwrap();
        let mut inside = false;
        for line in text.lines() {
            inside ^= line.starts_with("```");
            for target in line.split("](").skip(1).filter(|_| !inside) {
                let target = target.split(')').next().unwrap().split('#').next().unwrap();
                if target.starts_with("https://") || target.is_empty() {
                    continue;
                }
                let beside = source().join(name).with_file_name(target);
                assert!(beside.is_file(), "{name} links to {target}");
                if name == "SUMMARY.md" {
                    assert!(listed.insert(target.to_owned()), "{target} is listed twice");
                }
            }
        }
        // The book is read without a network.
        assert!(
            !text.contains("<script") && !text.contains("![]("),
            "{name}"
        );
    }
    assert_eq!(all, listed);
}
