//! The REST side: an ordinary API that broadcasts what it changes. Nothing here knows of the cache.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::announce::{Carries, Change};
use crate::app::App;
use crate::catalogue::Product;
use crate::database::DatabaseError;
use crate::fields::{Input, Invalid};

/// The routes under `/api`.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/api/products", get(list).post(create))
        .route("/api/products/{id}", get(show).put(replace).patch(amend).delete(remove))
}

/// What a request gets instead of what it asked for.
#[derive(thiserror::Error, Debug)]
enum ApiError {
    #[error("There is no such product.")]
    NotFound,
    #[error("The product was not saved: some fields are not right.")]
    Invalid(Invalid),
    #[error("{0}")]
    Body(#[from] JsonRejection),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Body(rejection) => rejection.status(),
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let body = match self {
            Self::Invalid(invalid) => Json(invalid).into_response(),
            other => Json(serde_json::json!({ "message": other.to_string() })).into_response(),
        };
        (status, body).into_response()
    }
}

type Result<T> = std::result::Result<T, ApiError>;
type Body = std::result::Result<Json<Input>, JsonRejection>;

/// Laravel's envelope.
#[derive(Serialize)]
struct Data<T> {
    data: T,
}

async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let (tag, products) = app.catalogue.list(known.map(str::to_owned)).await?;
    let headers = [(header::ETAG, tag.as_str()), (header::CACHE_CONTROL, "no-cache")];
    Ok(match products {
        Some(data) => (headers, Json(Data { data })).into_response(),
        None => (StatusCode::NOT_MODIFIED, headers).into_response(),
    })
}

async fn show(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<Data<Product>>> {
    let data = app.catalogue.get(id).await?.ok_or(ApiError::NotFound)?;
    Ok(Json(Data { data }))
}

async fn create(
    State(app): State<App>,
    Query(carries): Query<Carries>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Data<Product>>)> {
    let fields = body?.0.over(None).map_err(ApiError::Invalid)?;
    let data = app.catalogue.insert(fields).await?;
    app.announce(Change::Saved(&data), carries, &headers).await;
    Ok((StatusCode::CREATED, Json(Data { data })))
}

async fn replace(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(carries): Query<Carries>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Data<Product>>> {
    save(&app, id, body?.0, None, (carries, headers)).await
}

async fn amend(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(carries): Query<Carries>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Data<Product>>> {
    let base = app.catalogue.get(id).await?.ok_or(ApiError::NotFound)?;
    save(&app, id, body?.0, Some(base), (carries, headers)).await
}

async fn save(
    app: &App,
    id: i64,
    input: Input,
    base: Option<Product>,
    (carries, headers): (Carries, HeaderMap),
) -> Result<Json<Data<Product>>> {
    let fields = input.over(base.map(|base| base.fields)).map_err(ApiError::Invalid)?;
    let data = app.catalogue.update(id, fields).await?.ok_or(ApiError::NotFound)?;
    app.announce(Change::Saved(&data), carries, &headers).await;
    Ok(Json(Data { data }))
}

async fn remove(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(carries): Query<Carries>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    let version = app.catalogue.delete(id).await?.ok_or(ApiError::NotFound)?;
    app.announce(Change::Removed { id, version }, carries, &headers).await;
    Ok(StatusCode::NO_CONTENT)
}
