//! What a person may say of a product, and what is refused.

use std::collections::BTreeMap;

use rusqlite::ToSql;
use serde::{Deserialize, Serialize};

/// The fields of a product that people write. `price` is in cents.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) brand: String,
    pub(crate) category: String,
    pub(crate) price: i64,
    pub(crate) stock: i64,
    pub(crate) rating: f64,
}

/// The body of a request: any of the fields.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Input {
    sku: Option<String>,
    name: Option<String>,
    brand: Option<String>,
    category: Option<String>,
    price: Option<i64>,
    stock: Option<i64>,
    rating: Option<f64>,
}

/// What is wrong, by field; shaped as Laravel answers a failed validation.
#[derive(Serialize, Debug)]
pub(crate) struct Invalid {
    message: &'static str,
    errors: BTreeMap<&'static str, [&'static str; 1]>,
}

impl Input {
    /// The fields given, over those of `base`; a field that neither has is an error.
    pub(crate) fn over(self, base: Option<Fields>) -> Result<Fields, Invalid> {
        let mut errors = BTreeMap::new();
        let text = |field: Option<String>| field.map(|text| text.trim().to_owned());
        let base = base.unwrap_or_else(Fields::blank);
        let product = Fields {
            sku: text(self.sku).unwrap_or(base.sku),
            name: text(self.name).unwrap_or(base.name),
            brand: text(self.brand).unwrap_or(base.brand),
            category: text(self.category).unwrap_or(base.category),
            price: self.price.unwrap_or(base.price),
            stock: self.stock.unwrap_or(base.stock),
            rating: self.rating.unwrap_or(base.rating),
        };
        let mut require = |field, is_right: bool, message| {
            if !is_right {
                errors.insert(field, [message]);
            }
        };
        let fits = |text: &str, most| (1..=most).contains(&text.chars().count());
        require("sku", fits(&product.sku, 20), "An article number of 1 to 20 characters.");
        require("name", fits(&product.name, 120), "A name of 1 to 120 characters.");
        require("brand", product.brand.chars().count() <= 60, "At most 60 characters.");
        require("category", fits(&product.category, 60), "Choose a category.");
        require("price", (0..=100_000_000).contains(&product.price), "A price from 0.");
        require("stock", (0..=1_000_000).contains(&product.stock), "A count from 0.");
        require("rating", (0.0..=5.0).contains(&product.rating), "A number from 0 to 5.");
        if errors.is_empty() { Ok(product) } else { Err(Invalid { message: MESSAGE, errors }) }
    }
}

const MESSAGE: &str = "The product was not saved: some fields are not right.";

impl Fields {
    /// A product of which nothing is known yet: only what may be left out is valid.
    fn blank() -> Self {
        let text = String::new;
        Self {
            sku: text(),
            name: text(),
            brand: text(),
            category: text(),
            price: -1,
            stock: -1,
            rating: -1.0,
        }
    }

    /// The fields in the order of the SQL statements.
    pub(crate) fn params(&self) -> [&dyn ToSql; 7] {
        [&self.sku, &self.name, &self.brand, &self.category, &self.price, &self.stock, &self.rating]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_is_named_and_a_given_one_overrides() {
        let invalid = Input::default().over(None).expect_err("nothing was given");
        assert_eq!(
            invalid.errors.keys().copied().collect::<Vec<_>>(),
            ["category", "name", "price", "rating", "sku", "stock"]
        );
        let base = Fields {
            sku: "A".into(),
            name: "Kettle".into(),
            category: "Galley".into(),
            price: 100,
            stock: 4,
            rating: 4.5,
            ..Fields::blank()
        };
        let input = Input { price: Some(250), ..Input::default() };
        let product = input.over(Some(base)).expect("the base is valid");
        assert_eq!((product.name.as_str(), product.price), ("Kettle", 250));
    }
}
