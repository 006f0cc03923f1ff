//! Channel authorisation: who may subscribe to what, said by the application.

mod authorizers;
mod channel_authorizer;
mod channels;
mod guards;
mod handler;
mod params;
mod pattern;
mod route;
mod sign_in;

pub use channels::Channels;
pub use guards::Guards;
pub use handler::{Member, Permission};
pub use params::Params;
pub use pattern::PatternError;
pub use sign_in::{SignIn, UserData};
