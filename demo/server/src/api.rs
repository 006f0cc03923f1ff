//! The REST side: rows with their heads, and changes that are announced with them.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use echolite_feed::{FeedError, IdempotencyKey, ListRequest};

use crate::announce::{Announcer, Carries, Change};
use crate::app::App;
use crate::catalogue::{self, Data};
use crate::database::DatabaseError;
use crate::fields::{Fields, Input, Invalid};

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
    #[error("{0}")]
    KeyReused(FeedError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<FeedError> for ApiError {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::KeyReused => Self::KeyReused(error),
            error => Self::Database(error.into()),
        }
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) | Self::KeyReused(_) => StatusCode::UNPROCESSABLE_ENTITY,
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
type Answer = http::Response<String>;
type Body = std::result::Result<Json<Input>, JsonRejection>;

async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Answer> {
    Ok(app.catalogue.list(ListRequest::of(query.as_deref(), &headers)).await?)
}

async fn show(State(app): State<App>, Path(id): Path<i64>) -> Result<Answer> {
    let (head, data) = app.catalogue.get(id).await?.ok_or(ApiError::NotFound)?;
    Ok(head.row(&Data { data })?)
}

async fn create(
    State(app): State<App>,
    Query(carries): Query<Carries>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    body: Body,
) -> Result<Answer> {
    let input = body?.0;
    let key = key(&headers, &method, &uri, Some(&input));
    let fields = input.over(None).map_err(ApiError::Invalid)?;
    let announcer = Announcer::of(carries, &headers);
    app.catalogue
        .change(key, move |change| {
            let data = catalogue::insert(change.connection(), &fields)?;
            change.announce(announcer.event(&Change::Saved(&data)))?;
            Ok(catalogue::head(change)?.status(StatusCode::CREATED, &Data { data })?)
        })
        .await
}

async fn replace(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(carries): Query<Carries>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    body: Body,
) -> Result<Answer> {
    let input = body?.0;
    let key = key(&headers, &method, &uri, Some(&input));
    save(&app, id, (input, false), key, Announcer::of(carries, &headers)).await
}

async fn amend(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(carries): Query<Carries>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    body: Body,
) -> Result<Answer> {
    let input = body?.0;
    let key = key(&headers, &method, &uri, Some(&input));
    save(&app, id, (input, true), key, Announcer::of(carries, &headers)).await
}

/// `keeps`: what the input does not name stays as it is.
async fn save(
    app: &App,
    id: i64,
    (input, keeps): (Input, bool),
    key: Option<IdempotencyKey>,
    announcer: Announcer,
) -> Result<Answer> {
    app.catalogue
        .change(key, move |change| {
            let before = catalogue::read(change.connection(), id)?.ok_or(ApiError::NotFound)?;
            let base: Option<Fields> = keeps.then_some(before.fields);
            let fields = input.over(base).map_err(ApiError::Invalid)?;
            let data = catalogue::update(change.connection(), id, &fields)?;
            let data = data.ok_or(ApiError::NotFound)?;
            change.announce(announcer.event(&Change::Saved(&data)))?;
            Ok(catalogue::head(change)?.row(&Data { data })?)
        })
        .await
}

async fn remove(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(carries): Query<Carries>,
    (method, uri, headers): (Method, Uri, HeaderMap),
) -> Result<Answer> {
    let announcer = Announcer::of(carries, &headers);
    app.catalogue
        .change(key(&headers, &method, &uri, None), move |change| {
            if !catalogue::delete(change.connection(), id)? {
                return Err(ApiError::NotFound);
            }
            let head = catalogue::head(change)?;
            change.announce(announcer.event(&Change::Removed { id, version: head.seq }))?;
            Ok(head.no_content()?)
        })
        .await
}

/// The key under which the request has one effect, if it has one. The catalogue has no users: whoever repeats a
/// key made it.
fn key(
    headers: &HeaderMap,
    method: &Method,
    uri: &Uri,
    input: Option<&Input>,
) -> Option<IdempotencyKey> {
    let body = serde_json::to_vec(&input).unwrap_or_default();
    let path = uri.path_and_query().map_or_else(|| uri.path(), |path| path.as_str());
    Some(IdempotencyKey::of(headers, "anybody")?.request(method, path, &body))
}
