use super::*;
use crate::config::variables::{VARIABLES, WITHOUT_MEANING};
use std::path::PathBuf;

/// A folder of the test's own, removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
        let path = std::env::temp_dir().join(format!("echolite-env-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        files.iter().for_each(|(name, text)| std::fs::write(path.join(name), text).unwrap());
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn read(name: &str, file: &[u8], process: &[(&str, &str)]) -> Result<Environment, ConfigError> {
    let folder = Folder::new(name, &[(".env", file)]);
    Environment::read(&folder.0, Environment::from_pairs(process.iter().copied()).variables)
}

#[test]
fn a_line_that_is_not_the_servers_never_stops_it() {
    let file = b"APP_NAME=Bob's\nMAIL_FROM=two words\nREVERB_APP_KEY=k\nx y z\nL=\xe9\n";
    let environment = read("others", file, &[]).unwrap();
    assert_eq!(environment.get("APP_NAME"), Some("Bob's"));
    assert_eq!(environment.get("REVERB_APP_KEY"), Some("k"));
    let lines: Vec<_> =
        environment.warnings().iter().map(|text| text.contains("line 2, ")).collect();
    assert_eq!(environment.warnings().len(), 3, "{:?}", environment.warnings());
    assert!(
        environment.warnings()[0].contains("line 2: MAIL_FROM: something follows a space"),
        "{lines:?}"
    );
}

#[test]
fn a_line_of_the_servers_is_an_error_that_does_not_show_its_value() {
    let cases: [(&str, &[u8], &str); 7] = [
        (
            "space",
            b"A=1\nREVERB_APP_SECRET=hid den\n",
            "line 2: REVERB_APP_SECRET: something follows",
        ),
        ("quote", b"REVERB_APP_SECRET='hidden\n", "line 1: REVERB_APP_SECRET: a quote is opened"),
        ("escape", b"\n\nREVERB_APP_SECRET=\"hid\\den\"\n", "line 3: REVERB_APP_SECRET: in double"),
        (
            "open",
            b"APP_NAME=\"hidden\nREVERB_APP_SECRET=hidden\n",
            "line 2: REVERB_APP_SECRET: a double",
        ),
        (
            "needs",
            b"A=hid den\nREVERB_APP_SECRET=${A}\n",
            "line 2: REVERB_APP_SECRET: the value refers",
        ),
        ("latin", b"REVERB_APP_SECRET=hidden\xe9\n", "line 1: REVERB_APP_SECRET: some bytes"),
        ("utf-16", b"\xff\xfeR\0E\0", "line 1: the file is UTF-16"),
    ];
    for (name, file, expected) in cases {
        let text = read(name, file, &[]).map(drop).unwrap_err().to_string();
        assert!(text.contains(expected) && text.contains(".env"), "{name}: {text}");
        assert!(!text.contains("hid"), "{name}: {text}");
    }
}

#[test]
fn the_process_wins_over_the_file_and_its_stage_chooses_the_file() {
    let own = ("REVERB_APP_KEY", "process");
    let environment =
        read("process", b"REVERB_APP_KEY=file\nREVERB_APP_ID=${REVERB_APP_KEY}\n", &[own]);
    let environment = environment.unwrap();
    assert_eq!(environment.get("REVERB_APP_KEY"), Some("process"));
    assert_eq!(environment.get("REVERB_APP_ID"), Some("process"));
    let folder = Folder::new("stage", &[(".env", b"A=1\nB=1\n"), (".env.testing", b"A=2\n")]);
    for (stage, a, b) in [("testing", "2", None), ("local", "1", Some("1"))] {
        let process = Environment::from_pairs([("APP_ENV", stage)]).variables;
        let environment = Environment::read(&folder.0, process).unwrap();
        assert_eq!((environment.get("A"), environment.get("B")), (Some(a), b), "{stage}");
    }
    let nowhere = Environment::read(&folder.0.join("none"), BTreeMap::new()).unwrap();
    assert!(nowhere.variables.is_empty());
}

#[test]
fn a_value_is_what_laravel_makes_of_it() {
    let fixture = include_str!("../../../../../tests/fixtures/dotenv.json");
    let fixture: serde_json::Value = serde_json::from_str(fixture).unwrap();
    for case in fixture["values"].as_array().unwrap() {
        let value = case["value"].as_str().unwrap();
        let environment = Environment::from_pairs([("A", value)]);
        match &case["laravel"] {
            serde_json::Value::Bool(expected) => {
                let mut found = !expected;
                environment.set_bool("A", &mut found).unwrap();
                assert_eq!(found, *expected, "{value:?}");
            }
            // Empty is not set.
            laravel => {
                let laravel = laravel.as_str().filter(|text| !text.is_empty());
                assert_eq!(environment.get("A"), laravel, "{value:?}");
            }
        }
    }
}

#[test]
fn a_misspelt_variable_is_noticed_and_the_right_one_named() {
    let misspelt = [
        ("REVERB_APP_SECERT", "REVERB_APP_SECRET"),
        ("REVRB_APP_KEY", "REVERB_APP_KEY"),
        ("reverb_app_id", "REVERB_APP_ID"),
        ("REVERB_PING_INTERVAL", "REVERB_APP_PING_INTERVAL"),
        ("REVERB_APP_PING_INTERVALL", "REVERB_APP_PING_INTERVAL"),
        ("REVERB_SERVER_PROT", "REVERB_SERVER_PORT"),
        ("REVERB_APP_RATE_LIMIT_ENABLED", "REVERB_APP_RATE_LIMITING_ENABLED"),
        ("REVERB_APP_RATE_LIMITING_MAX_ATTEMPTS", "REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS"),
        ("REVERB_APP_ALLOWED_ORIGIN", "REVERB_APP_ALLOWED_ORIGINS"),
        ("ECHOLITE_PRESENCE_GRACE_TIME", "ECHOLITE_PRESENCE_GRACE"),
        ("ECHOLITE_HISTORY_MAX_AGES", "ECHOLITE_HISTORY_MAX_AGE"),
        ("ECHO_LITE_PRESENCE_GRACE", "ECHOLITE_PRESENCE_GRACE"),
    ];
    for (name, right) in misspelt {
        let warnings = Environment::from_pairs([(name, "hidden")]).warnings();
        let [text] = &warnings[..] else { panic!("{name}: {warnings:?}") };
        assert!(text.contains(name) && text.ends_with(&format!("did you mean {right}?")), "{text}");
        assert!(!text.contains("hidden"));
    }
    let strange = Environment::from_pairs([("REVERB_COLOUR_OF_THE_MOON", "1")]).warnings();
    assert!(strange[0].contains("docs/server.md"), "{strange:?}");
    let others = [
        "PATH",
        "HOME",
        "APP_ENV",
        "APP_KEY",
        "APP_NAME",
        "REDIS_HOST",
        "REDIS_PORT",
        "REDIS_PASSWORD",
        "DB_HOST",
        "PUSHER_HOST",
        "PUSHER_PORT",
        "PUSHER_SCHEME",
        "PUSHER_APP_CLUSTER",
        "VITE_REVERB_APP_KEY",
        "VITE_REVERB_HOST",
        "VITE_PUSHER_APP_KEY",
        "BROADCAST_CONNECTION",
        "RUST_LOG",
        "MAIL_HOST",
    ];
    let known = VARIABLES.iter().map(|(name, _)| *name).chain(WITHOUT_MEANING).chain(others);
    assert_eq!(Environment::from_pairs(known.map(|name| (name, "1"))).warnings(), [""; 0]);
}

/// The words of a text that look like the server's variables.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let prefixes = ["REVERB_", "ECHOLITE_", "PUSHER_APP_", "REDIS_"];
    words.filter(move |word| {
        prefixes.iter().any(|prefix| word.starts_with(prefix) && word != prefix)
    })
}

#[test]
fn the_guides_name_the_variables_that_exist_and_the_servers_names_them_all() {
    let server = include_str!("../../../../../docs/server.md");
    let guides = [
        server,
        include_str!("../../../../../docs/broadcasting.md"),
        include_str!("../../../../../docs/migrate-from-echo.md"),
        include_str!("../../../../../README.md"),
    ];
    for name in guides.into_iter().flat_map(names) {
        let known = VARIABLES.iter().map(|(known, _)| *known).chain(WITHOUT_MEANING);
        assert!(
            known.into_iter().any(|known| known == name),
            "{name} is in a guide, and is not read"
        );
    }
    let code = [include_str!("../environment.rs"), include_str!("../../cli/trigger.rs")];
    for (name, _) in VARIABLES {
        assert!(names(server).any(|found| found == *name), "{name} is not in docs/server.md");
        let quoted = format!("\"{name}\"");
        assert!(
            code.iter().any(|code| code.contains(&quoted)),
            "{name} is in the table, and is not read"
        );
    }
}
