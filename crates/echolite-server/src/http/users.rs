//! `POST /apps/{id}/users/{user}/terminate_connections`.

use super::signed::Signed;
use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};

pub(super) async fn terminate_connections(
    Path((_, user_id)): Path<(String, String)>,
    request: Signed,
) -> Json<Value> {
    request.app.terminate_connections(&user_id);
    Json(json!({}))
}
