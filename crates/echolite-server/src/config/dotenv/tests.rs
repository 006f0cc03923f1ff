use super::*;
use serde::Deserialize;

/// A file, and what phpdotenv made of it.
#[derive(Deserialize)]
struct Case {
    about: String,
    file: String,
    #[serde(default)]
    process: BTreeMap<String, String>,
    #[serde(default)]
    variables: Option<BTreeMap<String, String>>,
    #[serde(default)]
    refused: bool,
}

#[derive(Deserialize)]
struct Fixture {
    files: Vec<Case>,
}

#[test]
fn a_file_is_read_as_phpdotenv_reads_it() {
    let fixture = include_str!("../../../../../tests/fixtures/dotenv.json");
    let fixture: Fixture = serde_json::from_str(fixture).unwrap();
    assert!(fixture.files.len() >= 60);
    for Case { about, file, process, variables, refused } in fixture.files {
        let read = parse(&file, process);
        let shown = |faults: &[Fault]| format!("{about}: {faults:?}");
        match variables {
            Some(expected) => {
                assert_eq!(read.variables, expected, "{about}");
                let silent = |fault: &Fault| fault.why.contains("never closed");
                assert!(read.faults.iter().all(silent), "{}", shown(&read.faults));
            }
            None => assert!(refused && !read.faults.is_empty(), "{}", shown(&read.faults)),
        }
    }
}

fn faults(file: &str) -> Vec<(usize, Option<String>, &'static str)> {
    let faults = parse(file, BTreeMap::new()).faults.into_iter();
    faults.map(|fault| (fault.line, fault.name, fault.why)).collect()
}

#[test]
fn a_line_that_cannot_be_read_has_its_number_and_leaves_the_others() {
    let file = "A=1\n\nB=two words\nC=\"x\ny\"\n=d\nE-F=g\nH='i\nJ=\"\\q\"\nK=l\n";
    let read = parse(file, BTreeMap::new());
    let expected = [("A", "1"), ("C", "x\ny"), ("K", "l")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(read.variables, BTreeMap::from(expected));
    let found: Vec<_> = faults(file).into_iter().map(|(line, name, _)| (line, name)).collect();
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(found, [(3, name("B")), (6, None), (7, None), (8, name("H")), (9, name("J"))]);
}

#[test]
fn what_a_quote_swallows_that_is_never_closed_is_said() {
    let found = faults("A=\"b\n# c\nREVERB_APP_SECRET=d\nnothing\n");
    let found: Vec<_> = found.iter().map(|(line, name, _)| (*line, name.as_deref())).collect();
    assert_eq!(found, [(1, Some("A")), (3, Some("REVERB_APP_SECRET"))]);
}

#[test]
fn a_value_that_needs_a_line_that_cannot_be_read_cannot_be_read_either() {
    let found = faults("A=two words\nB=x${A}y\nC=${B}\nD=$A\n");
    let found: Vec<_> = found.iter().map(|(line, name, _)| (*line, name.as_deref())).collect();
    assert_eq!(found, [(1, Some("A")), (2, Some("B")), (3, Some("C"))]);
}
