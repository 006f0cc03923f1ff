//! Numbers as decimals in texts, and back.
//!
//! The standard library reads and writes floats with tables and big integers, which made the module for browsers a tenth
//! larger. Rows and queries need decimals as databases and JSON write them.

/// Digits that a float always holds.
const DIGITS: i32 = 15;

/// The number that a text is: digits, perhaps with a sign and a fraction. Correctly rounded up to 15 significant digits;
/// beyond that within a few units of the last place.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let (mut mantissa, mut exponent) = (0_u64, 0);
    for (at, byte) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let is_fraction = at >= whole.len();
        let digit = u64::from(byte - b'0');
        match mantissa.checked_mul(10).and_then(|tens| tens.checked_add(digit)) {
            Some(next) => {
                mantissa = next;
                exponent -= i32::from(is_fraction);
            }
            // what a float cannot hold only counts as a place
            None => exponent += i32::from(!is_fraction),
        }
    }
    let number = scaled(mantissa as f64, exponent);
    Some(if unsigned.len() < text.len() { -number } else { number })
}

/// The shortest decimal that [`parse`] reads as this number, of at most 15 significant digits; with an exponent where it
/// has more than 15 places.
pub(crate) fn text(number: f64) -> String {
    let sign = if number < 0.0 { "-" } else { "" };
    let number = number.abs();
    if number.trunc() == number && number < u64::MAX as f64 {
        return format!("{sign}{}", number as u64);
    }
    for places in 0..=DIGITS {
        let mantissa = scaled(number, places).round();
        if mantissa < 1e15 && scaled(mantissa, -places) == number {
            let digits = format!("{:0>width$}", mantissa as u64, width = places as usize + 1);
            let (whole, fraction) = digits.split_at(digits.len() - places as usize);
            let point = if fraction.is_empty() { "" } else { "." };
            return format!("{sign}{whole}{point}{fraction}");
        }
    }
    if !number.is_finite() {
        return format!("{sign}{}", if number.is_nan() { "NaN" } else { "Infinity" });
    }
    let (mut mantissa, mut exponent) = (number, 0);
    while mantissa >= 1e15 {
        (mantissa, exponent) = (mantissa / 10.0, exponent + 1);
    }
    while mantissa < 1e14 {
        (mantissa, exponent) = (mantissa * 10.0, exponent - 1);
    }
    format!("{sign}{}e{exponent}", mantissa.round() as u64)
}

/// `number × 10^exponent`. Exact powers of ten are used at once: one rounding for exponents up to 22.
fn scaled(number: f64, exponent: i32) -> f64 {
    let power = |exponent: i32| (0..exponent).fold(1.0, |power, _| power * 10.0);
    let exponent = exponent.clamp(-400, 400);
    if exponent < 0 { number / power(-exponent) } else { number * power(exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_of_fifteen_digits_are_read_as_the_standard_library_reads_them() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let digits = random.u64(0..1_000_000_000_000_000).to_string();
            let places = random.usize(0..=digits.len());
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let sign = if random.bool() { "-" } else { "" };
            let whole = if whole.is_empty() { "0" } else { whole };
            let decimal = if fraction.is_empty() {
                format!("{sign}{whole}")
            } else {
                format!("{sign}{whole}.{fraction}")
            };
            let number: f64 = decimal.parse().unwrap();
            assert_eq!(parse(&decimal), Some(number), "{decimal}");
            let shortest = text(number);
            assert_eq!(shortest.parse::<f64>(), Ok(number), "{decimal} became {shortest}");
            assert_eq!(
                shortest,
                number.abs().to_string().replacen("", if number < 0.0 { "-" } else { "" }, 1)
            );
        }
    }

    #[test]
    fn longer_texts_are_as_near_as_a_float_comes() {
        for decimal in [
            "9007199254740993",
            "100000000000000000000",
            "123456789012345678901234567890.5",
            "0.1234567890123456789",
            "18446744073709551616",
            "0.00000000000000000000000000000012345",
        ] {
            let (near, exact) = (parse(decimal).unwrap(), decimal.parse::<f64>().unwrap());
            assert!((near - exact).abs() <= exact * 1e-15, "{decimal}: {near} {exact}");
        }
        assert_eq!(parse(&"9".repeat(400)), Some(f64::INFINITY));
    }

    #[test]
    fn only_plain_decimals_are_numbers() {
        for (text, number) in [("9.99", 9.99), ("-0.5", -0.5), ("007", 7.0), ("100", 100.0)] {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        for text in [
            "", "-", ".", ".5", "1.", "5.", "1e3", "+1", " 1", "inf", "NaN", "0x1", "1,5", "--1",
            "1.2.3", "１",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn any_number_has_a_text() {
        for (number, decimal) in [
            (0.0, "0"),
            (-1.5, "-1.5"),
            (9.99, "9.99"),
            (0.000_001, "0.000001"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (1e21, "100000000000000e7"),
            (18_446_744_073_709_551_616.0, "184467440737096e5"),
            (-1e-20, "-100000000000000e-34"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(text(number), decimal);
        }
    }
}
