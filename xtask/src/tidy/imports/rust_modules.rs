//! The modules of a Rust crate: the names that each defines or imports. Tests are left out.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, UseTree};

use crate::tidy::source::Source;

/// A path, from the crate's root.
pub(super) type ModulePath = Vec<String>;

/// The modules of a crate, inline ones too, by their paths.
pub(super) type Modules = BTreeMap<ModulePath, Module>;

#[derive(Default)]
pub(super) struct Module {
    pub(super) file: String,
    /// Names of items that it defines.
    pub(super) items: Vec<String>,
    /// Names that `use` brings, and their paths as written.
    pub(super) imports: Vec<(String, Vec<String>)>,
    /// Paths of which `use` brings all names.
    pub(super) globs: Vec<Vec<String>>,
    /// Paths in the code, `use` aside.
    pub(super) paths: Vec<Vec<String>>,
}

/// Reads a crate from the file of its root, such as `src/lib.rs`.
pub(super) fn read(root: &str, sources: &BTreeMap<&str, &Source>) -> Result<Modules> {
    let mut modules = Modules::new();
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut files = vec![(Vec::new(), root.to_owned(), folder)];
    while let Some((path, file, folder)) = files.pop() {
        let source = sources.get(file.as_str()).with_context(|| format!("no file {file}"))?;
        let parsed =
            syn::parse_file(&source.text).with_context(|| format!("{file} does not parse"))?;
        let mut reader = Reader { file, modules: &mut modules, children: Vec::new() };
        reader.module(path, parsed.items);
        for path in reader.children {
            let stem = format!("{folder}/{}", path.join("/"));
            let candidates = [format!("{stem}.rs"), format!("{stem}/mod.rs")];
            let file = candidates.into_iter().find(|file| sources.contains_key(file.as_str()));
            let file = file.with_context(|| format!("no file of the module {stem}"))?;
            files.push((path, file, folder.clone()));
        }
    }
    Ok(modules)
}

/// Takes a file's modules apart.
struct Reader<'a> {
    file: String,
    modules: &'a mut Modules,
    /// Modules that are files of their own.
    children: Vec<ModulePath>,
}

impl Reader<'_> {
    fn module(&mut self, path: ModulePath, items: Vec<Item>) {
        let mut module = Module { file: self.file.clone(), ..Module::default() };
        for item in items {
            match item {
                Item::Mod(inner) if is_test(&inner.attrs) => {}
                Item::Mod(inner) => {
                    let path = [path.clone(), vec![inner.ident.to_string()]].concat();
                    match inner.content {
                        Some((_, items)) => self.module(path, items),
                        None => self.children.push(path),
                    }
                }
                Item::Impl(mut item) => {
                    item.items
                        .retain(|part| !matches!(part, ImplItem::Fn(part) if is_test(&part.attrs)));
                    module.take(&Item::Impl(item));
                }
                item => module.take(&item),
            }
        }
        self.modules.insert(path, module);
    }
}

impl Module {
    fn take(&mut self, item: &Item) {
        let (name, attributes) = match item {
            Item::Const(item) => (Some(&item.ident), &item.attrs),
            Item::Enum(item) => (Some(&item.ident), &item.attrs),
            Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
            Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
            Item::Static(item) => (Some(&item.ident), &item.attrs),
            Item::Struct(item) => (Some(&item.ident), &item.attrs),
            Item::Trait(item) => (Some(&item.ident), &item.attrs),
            Item::Type(item) => (Some(&item.ident), &item.attrs),
            Item::Impl(item) => (None, &item.attrs),
            Item::Use(item) => (None, &item.attrs),
            _ => return,
        };
        if is_test(attributes) {
            return;
        }
        self.items.extend(name.map(ToString::to_string));
        self.visit_item(item);
        if !matches!(item, Item::Use(_)) {
            self.code(item.to_token_stream());
        }
    }

    fn import(&mut self, tree: &UseTree, mut path: Vec<String>) {
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.import(&part.tree, path);
            }
            UseTree::Name(name) if name.ident == "self" => {
                self.imports.extend(path.last().cloned().map(|last| (last, path)));
            }
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.imports.push((name.ident.to_string(), path));
            }
            UseTree::Rename(renamed) => {
                path.push(renamed.ident.to_string());
                self.imports.push((renamed.rename.to_string(), path));
            }
            UseTree::Glob(_) => self.globs.push(path),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import(tree, path.clone()));
            }
        }
    }

    /// Every `a::b::c` and every single word, in macros' arguments too.
    fn code(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        // how many colons stand behind the path
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.paths.push(std::mem::take(&mut path));
                    }
                    path.push(word.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.code(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            self.paths.push(std::mem::take(&mut path));
            colons = 0;
        }
        self.paths.push(path);
        self.paths.retain(|path| !path.is_empty());
    }
}

impl<'a> Visit<'a> for Module {
    /// Those within functions count for the whole module.
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.import(&item.tree, Vec::new());
        }
        visit::visit_item_use(self, item);
    }
}

/// Whether it is only there for tests.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let words = attribute.meta.to_token_stream().to_string();
        let is_condition = attribute.path().is_ident("cfg");
        is_condition
            && words.contains("test")
            && !words.contains("not (test")
            && !words.contains("\"test")
    })
}
