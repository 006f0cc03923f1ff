//! Packages of Debian that tests need: installed by root, named to everybody else.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{command, read, run, say, succeeds};

/// Installs the packages of those programs that are missing.
pub(crate) fn install(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> = programs
        .iter()
        .filter(|(program, _)| !Path::new(program).exists())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    let is_root = read(&mut command("id", &["-u"])).is_ok_and(|id| id == "0");
    let has_apt = succeeds(&mut command("apt-get", &["--version"]));
    if !is_root || !has_apt {
        bail!(
            "missing: {packages}. On Debian: `sudo apt-get install {packages}`; elsewhere install them; browsers elsewhere are named \
               by ECHOLITE_CHROMIUM, ECHOLITE_FIREFOX and CHROMEDRIVER"
        );
    }
    say(&format!("apt-get install {packages}"));
    let install = |arguments: &[&str]| {
        run(command("apt-get", arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    install(&["-qq", "update"])?;
    let mut arguments = vec!["-qq", "-y", "--no-install-recommends", "install"];
    arguments.extend(missing);
    install(&arguments)
}
