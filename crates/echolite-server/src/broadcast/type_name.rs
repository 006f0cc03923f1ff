//! The name of a type, as events are called after it.

/// A type's name without its path and its generics: `OrderShipped`.
pub(super) fn type_name<T: ?Sized>() -> &'static str {
    let path = std::any::type_name::<T>();
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::type_name;

    #[test]
    fn a_types_name_is_without_path_and_generics() {
        assert_eq!(type_name::<crate::broadcast::Channel>(), "Channel");
        assert_eq!(type_name::<Option<std::string::String>>(), "Option");
        assert_eq!(type_name::<u8>(), "u8");
    }
}
