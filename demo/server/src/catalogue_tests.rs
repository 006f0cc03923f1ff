//! What the catalogue says of changes.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

async fn catalogue() -> (Catalogue, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalogue.sqlite");
    let database = Database::open(&path).expect("it can be made");
    let catalogue = Catalogue::new(database, &path, 24).await.expect("it can be made");
    (catalogue, folder)
}

fn since(head: &str) -> ListRequest {
    ListRequest::of(Some(&format!("since={head}")), &http::HeaderMap::new())
}

fn head_of(answer: &Response<String>) -> String {
    answer.headers()["x-cache-head"].to_str().expect("text").to_owned()
}

async fn list(catalogue: &Catalogue, request: ListRequest) -> (String, Value) {
    let answer = catalogue.list(request).await.expect("it can be read");
    (head_of(&answer), serde_json::from_str(answer.body()).expect("JSON"))
}

#[tokio::test]
async fn an_edit_by_hand_raises_version_and_head_and_is_told_since() {
    let (catalogue, _folder) = catalogue().await;
    let (head, whole) = list(&catalogue, ListRequest::default()).await;
    assert_eq!(whole["data"].as_array().map(Vec::len), Some(24));

    let (_, before) = catalogue.get(7).await.expect("it can be read").expect("it is there");
    let by_hand = |connection: &mut Connection| {
        connection.execute("UPDATE products SET price = price + 1 WHERE id = 7", [])?;
        connection.execute("DELETE FROM products WHERE id = 8", [])
    };
    catalogue.database.run(by_hand).await.expect("it can be written");
    let (_, after) = catalogue.get(7).await.expect("it can be read").expect("it is there");
    assert!(after.version > before.version);

    let (now, news) = list(&catalogue, since(&head)).await;
    assert_ne!(now, head);
    assert_eq!(news, json!({ "changed": [after], "deleted": [8], "head": now }));
}

#[tokio::test]
async fn the_file_of_an_older_demo_is_made_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("catalogue.sqlite");
    let database = Database::open(&path).expect("it can be made");
    let older = "CREATE TABLE counter (seq); CREATE TABLE products (id INTEGER PRIMARY KEY)";
    database.run(|connection| connection.execute_batch(older)).await.expect("it can be written");
    let catalogue = Catalogue::new(database, &path, 3).await.expect("it can be made");
    let (_, whole) = list(&catalogue, ListRequest::default()).await;
    assert_eq!(whole["data"].as_array().map(Vec::len), Some(3));
}
