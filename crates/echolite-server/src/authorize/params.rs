//! What a pattern's parameters stand for, as text or as the types an application wants.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use std::fmt;
use std::ops::Index;
use std::str::FromStr;

/// What a pattern's parameters stand for in a channel's name, in the pattern's order.
///
/// A rule may ask for this, or for anything that Serde makes of it: one value, a tuple in the
/// pattern's order, a struct with the parameters' names, or `()` where there are none. A name that
/// does not fit, such as `orders.abc` for a number, is refused.
///
/// ```
/// use echolite_server::{Channels, Params};
/// use serde::Deserialize;
/// # struct User { id: u64, team: String }
///
/// #[derive(Deserialize)]
/// struct Task { team: String, id: u64 }
///
/// let channels = Channels::new()
///     .private("user.{id}", |user: User, id: u64| async move { user.id == id })
///     .private("{team}.user.{id}", |user: User, (team, id): (String, u64)| async move {
///         user.team == team && user.id == id
///     })
///     .private("{team}.task.{id}", |user: User, task: Task| async move { user.team == task.team })
///     .private("team.{team}", |user: User, params: Params| async move {
///         user.team == params["team"]
///     });
/// ```
///
/// Indexing by a name that the pattern does not have panics, as a mistyped field would not compile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(pub(super) Vec<(String, String)>);

impl Params {
    /// A parameter as text, a number, or whatever else text can be; `None` when it is none of that
    /// kind, or the pattern does not have it.
    #[must_use]
    pub fn get<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// The parameters as a type, or why the channel's name does not fit it.
    pub(super) fn read<'de, T: Deserialize<'de>>(&'de self) -> Result<T, Error> {
        T::deserialize(self)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    fn values(&self) -> impl Iterator<Item = (&str, Text<'_>)> {
        self.0.iter().map(|(name, text)| (name.as_str(), Text { name, text }))
    }

    /// The one parameter there is.
    fn only(&self) -> Result<Text<'_>, Error> {
        match &self.0[..] {
            [(name, text)] => Ok(Text { name, text }),
            all => Err(Error::custom(format!("the channel has {} parameters, not one", all.len()))),
        }
    }
}

impl Index<&str> for Params {
    type Output = str;

    fn index(&self, name: &str) -> &str {
        self.text(name).unwrap_or_else(|| panic!("the channel's pattern has no {{{name}}}"))
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Params;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("parameters by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Params(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

/// Forwards the deserialising of single values to the one parameter there is.
macro_rules! of_the_only_one {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.only()?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Params {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MapDeserializer::new(self.values()))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.values().map(|(_, text)| text)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        if len != self.0.len() {
            let found = self.0.len();
            return Err(Error::custom(format!("the channel has {found} parameters, not {len}")));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.only()?.deserialize_enum(name, variants, visitor)
    }

    of_the_only_one! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_option
    }

    forward_to_deserialize_any! { bytes byte_buf unit_struct map struct identifier ignored_any }
}

/// One parameter.
struct Text<'de> {
    name: &'de str,
    text: &'de str,
}

impl<'de> IntoDeserializer<'de, Error> for Text<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let Self { name, text } = self;
            match text.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(error) => Err(Error::custom(format!("{{{name}}} is {text:?}: {error}"))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Text<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.text.into_deserializer())
    }

    parsed! {
        deserialize_bool visit_bool bool;
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
        deserialize_f32 visit_f32 f32;
        deserialize_f64 visit_f64 f64;
        deserialize_char visit_char char;
    }

    forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params(pairs.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect())
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Color {
        Red,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct OrderId(u64);

    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        order: OrderId,
        color: Option<Color>,
        extra: Option<u8>,
    }

    #[test]
    fn parameters_are_what_is_asked_for() {
        let two = params(&[("order", "7"), ("color", "red")]);
        assert_eq!(two.read(), Ok((7_u64, Color::Red)));
        let named = Named { order: OrderId(7), color: Some(Color::Red), extra: None };
        assert_eq!(two.read(), Ok(named));
        assert_eq!(two.read::<Params>().as_ref(), Ok(&two));
        assert_eq!(two.read(), Ok(vec!["7".to_owned(), "red".to_owned()]));
        let one = params(&[("id", "7")]);
        assert_eq!(one.read(), Ok(7_u8));
        assert_eq!(one.read(), Ok((7.0_f64,)));
        assert_eq!(one.read(), Ok("7".to_owned()));
        assert_eq!(one.read(), Ok(OrderId(7)));
        assert_eq!(params(&[]).read(), Ok(()));
        assert_eq!((one.get("id"), one.get::<u8>("nothing")), (Some(7), None));
    }

    #[test]
    fn what_does_not_fit_says_why() {
        let wrong = |params: Params| params.read::<u8>().unwrap_err().to_string();
        let text = wrong(params(&[("id", "x")]));
        assert_eq!(text, "{id} is \"x\": invalid digit found in string");
        assert_eq!(
            wrong(params(&[("a", "1"), ("b", "2")])),
            "the channel has 2 parameters, not one"
        );
        let three = params(&[("a", "1")]).read::<(u8, u8, u8)>().unwrap_err().to_string();
        assert_eq!(three, "the channel has 1 parameters, not 3");
        assert!(params(&[("color", "blue")]).read::<Color>().is_err());
    }
}
