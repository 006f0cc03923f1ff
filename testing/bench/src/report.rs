//! The table that a person reads, and the JSON beside it.

use std::fs;

use anyhow::Result;
use serde_json::{Value, json};

const FILE: &str = "target/bench/fanout.json";

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) subscribers: usize,
    pub(crate) deliveries_per_second: f64,
    /// CPU seconds for a million deliveries, saturated.
    pub(crate) cpu_per_million: f64,
    /// The same at twenty events a second.
    pub(crate) paced_cpu_per_million: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Memory that a connection takes before anything was published.
    pub(crate) idle_kilobytes: Option<f64>,
}

pub(crate) fn print(rows: &[Row]) -> Result<()> {
    println!(
        "| 1 event → n subscribers | n | deliveries/s | CPU-s per million | … at 20 events/s | p50 ms | p99 ms | kB per idle connection |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for row in rows {
        let idle = row.idle_kilobytes.map_or("".into(), |idle| format!("{idle:.1}"));
        println!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {idle} |",
            row.name,
            row.subscribers,
            row.deliveries_per_second,
            row.cpu_per_million,
            row.paced_cpu_per_million,
            row.p50_ms,
            row.p99_ms
        );
    }
    ratios(rows);
    save(FILE, &rows.iter().map(json_of).collect())
}

/// Writes figures for programs to read.
pub(crate) fn save(file: &str, figures: &Value) -> Result<()> {
    fs::create_dir_all("target/bench")?;
    fs::write(file, serde_json::to_string_pretty(figures)?)?;
    println!("\n{file}");
    Ok(())
}

/// Each figure beside the floor of one write each with as many subscribers.
fn ratios(rows: &[Row]) {
    println!();
    for row in rows.iter().filter(|row| row.name.starts_with("echolite")) {
        let is_floor = |other: &&Row| {
            other.subscribers == row.subscribers && other.name.ends_with("a write each")
        };
        if let Some(floor) = rows.iter().find(is_floor) {
            println!(
                "{} to {}: {:.2} of the floor's deliveries/s, {:.2} times its CPU; paced {:.2} times its CPU",
                row.name,
                row.subscribers,
                row.deliveries_per_second / floor.deliveries_per_second,
                row.cpu_per_million / floor.cpu_per_million,
                row.paced_cpu_per_million / floor.paced_cpu_per_million
            );
        }
    }
}

fn json_of(row: &Row) -> Value {
    json!({
        "name": row.name,
        "subscribers": row.subscribers,
        "deliveries_per_second": row.deliveries_per_second,
        "cpu_per_million": row.cpu_per_million,
        "paced_cpu_per_million": row.paced_cpu_per_million,
        "p50_ms": row.p50_ms,
        "p99_ms": row.p99_ms,
        "idle_kilobytes": row.idle_kilobytes,
    })
}
