//! Invents the stock of a ship's chandler: the same products for the same seed.

/// A category: its name, the prefix of its article numbers, its price range in cents, and the words
/// of its names (`{quality} {material} {thing}, {size}`).
struct Category {
    name: &'static str,
    prefix: &'static str,
    price: (i64, i64),
    words: [&'static [&'static str]; 4],
}

/// A product as it is put into an empty catalogue.
pub(crate) struct Seed {
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) brand: &'static str,
    pub(crate) category: &'static str,
    pub(crate) price: i64,
    pub(crate) stock: i64,
    pub(crate) rating: f64,
}

const SEED: u64 = 1805;

/// Products in the order of their articles numbers, spread evenly over the categories.
pub(crate) fn products(count: usize) -> Vec<Seed> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut products = Vec::with_capacity(count);
    for (index, category) in CATEGORIES.iter().enumerate() {
        let share = count / CATEGORIES.len() + usize::from(index < count % CATEGORIES.len());
        let mut names: Vec<usize> =
            (0..category.words.iter().map(|words| words.len()).product()).collect();
        random.shuffle(&mut names);
        for number in 0..share {
            let name = category.name_of(names[number % names.len()]);
            products.push(category.product(number, name, &mut random));
        }
    }
    random.shuffle(&mut products);
    products
}

impl Category {
    /// The name of this number: its digits, in mixed radix, choose the words.
    fn name_of(&self, mut number: usize) -> String {
        let [quality, material, thing, size] = self.words.map(|words| {
            let word = words[number % words.len()];
            number /= words.len();
            word
        });
        format!("{quality} {material} {thing}, {size}")
    }

    fn product(&self, number: usize, name: String, random: &mut fastrand::Rng) -> Seed {
        let (low, high) = self.price;
        // Most things are cheap: the square pulls the draw towards the lower end.
        let price = low + ((high - low) as f64 * random.f64().powi(2)) as i64;
        Seed {
            sku: format!("{}-{:04}", self.prefix, number + 1),
            name,
            brand: BRANDS[random.usize(..BRANDS.len())],
            category: self.name,
            price: price / 10 * 10 + 5,
            stock: if random.u8(..12) == 0 { 0 } else { random.i64(1..240) },
            rating: f64::from(random.u32(28..=50)) / 10.0,
        }
    }
}

const BRANDS: &[&str] = &[
    "Harrow & Pike",
    "Nordvik",
    "Tidewrack",
    "Coble Works",
    "Amrum",
    "Lanyard Bros.",
    "Skerry",
    "Vasa Marin",
    "Fastnet Supply",
    "Port & Starboard",
];

#[rustfmt::skip]
const CATEGORIES: [Category; 12] = [
    Category { name: "Rope & line", prefix: "ROP", price: (390, 24_000), words: [
        &["Double-braid", "Eight-plait", "Three-strand", "Pre-stretched", "Floating", "Tarred"],
        &["polyester", "Dyneema", "nylon", "manila", "hemp"],
        &["halyard", "dock line", "mainsheet", "anchor warp", "heaving line", "reefing line"],
        &["6 mm", "8 mm", "10 mm", "12 mm", "16 mm", "20 mm"]] },
    Category { name: "Blocks & tackle", prefix: "BLK", price: (1_200, 38_000), words: [
        &["Single", "Double", "Triple", "Fiddle", "Snatch", "Swivel"],
        &["ash", "stainless", "bronze", "composite", "aluminium"],
        &["block", "ratchet block", "cheek block", "footblock", "turning block"],
        &["29 mm", "40 mm", "57 mm", "75 mm", "100 mm"]] },
    Category { name: "Shackles & hooks", prefix: "SHK", price: (240, 9_000), words: [
        &["Forged", "Captive-pin", "Long", "Twisted", "Quick-release", "Swivel-eye"],
        &["stainless", "galvanised", "titanium", "bronze"],
        &["bow shackle", "D-shackle", "snap shackle", "carbine hook", "pelican hook"],
        &["4 mm", "5 mm", "6 mm", "8 mm", "10 mm", "12 mm"]] },
    Category { name: "Anchors & chain", prefix: "ANC", price: (1_900, 96_000), words: [
        &["Hinged", "Roll-bar", "Folding", "Calibrated", "Self-launching"],
        &["galvanised", "stainless", "aluminium", "high-tensile"],
        &["plough anchor", "grapnel", "kedge", "chain", "mooring swivel", "mushroom anchor"],
        &["4 kg", "7.5 kg", "10 kg", "16 kg", "25 kg"]] },
    Category { name: "Lamps & lanterns", prefix: "LMP", price: (1_500, 42_000), words: [
        &["Gimballed", "Hurricane", "Masthead", "All-round", "Tricolour", "Bulkhead"],
        &["brass", "copper", "polycarbonate", "stainless"],
        &["oil lamp", "anchor light", "chart light", "steaming light", "cabin lantern"],
        &["small", "medium", "large", "12 V", "24 V"]] },
    Category { name: "Instruments", prefix: "INS", price: (2_900, 128_000), words: [
        &["Dry-card", "Bracket-mount", "Recording", "Hand-bearing", "Liquid-filled", "Pilot's"],
        &["brass", "chrome", "black", "teak-cased"],
        &["compass", "barometer", "sextant", "station pointer", "clinometer", "hygrometer"],
        &["70 mm", "85 mm", "100 mm", "125 mm"]] },
    Category { name: "Deck hardware", prefix: "DCK", price: (900, 54_000), words: [
        &["Low-profile", "Open-base", "Pop-up", "Roller", "Hinged", "Offset"],
        &["stainless", "bronze", "anodised", "teak"],
        &["cleat", "fairlead", "winch handle", "stanchion base", "chock", "deck eye"],
        &["100 mm", "150 mm", "200 mm", "250 mm"]] },
    Category { name: "Sailcloth & canvas", prefix: "SAL", price: (1_100, 31_000), words: [
        &["Tan-bark", "Cream", "Proofed", "Unbleached", "Laminated", "Ripstop"],
        &["cotton", "flax", "Dacron", "acrylic"],
        &["sailcloth", "storm jib cloth", "spray-hood canvas", "repair patch", "sail tie"],
        &["1 m", "2 m", "5 m", "10 m", "25 m"]] },
    Category { name: "Paint & varnish", prefix: "PNT", price: (850, 18_500), words: [
        &["Hard", "Self-polishing", "High-gloss", "Satin", "Two-pack", "Traditional"],
        &["antifouling", "epoxy", "tung-oil", "alkyd", "polyurethane"],
        &["bottom paint", "primer", "spar varnish", "bilge paint", "deck paint"],
        &["375 ml", "750 ml", "2.5 l", "5 l"]] },
    Category { name: "Galley", prefix: "GAL", price: (450, 47_000), words: [
        &["Stackable", "Non-slip", "Gimballed", "Insulated", "Fiddle-railed"],
        &["enamel", "stainless", "melamine", "copper", "cast-iron"],
        &["kettle", "saucepan", "mug", "stove", "plate", "water can"],
        &["one hand", "two hands", "four hands", "six hands"]] },
    Category { name: "Foul-weather gear", prefix: "FWG", price: (1_900, 62_000), words: [
        &["Offshore", "Coastal", "Fisherman's", "Lined", "Reflective", "Storm"],
        &["oilskin", "three-layer", "neoprene", "waxed"],
        &["smock", "salopettes", "sou'wester", "sea boots", "gloves", "jacket"],
        &["S", "M", "L", "XL", "XXL"]] },
    Category { name: "Tools & bosun's stores", prefix: "TOL", price: (350, 16_000), words: [
        &["Rigger's", "Sailmaker's", "Shipwright's", "Bosun's", "Folding", "Left-handed"],
        &["hickory", "steel", "lignum-vitae", "leather"],
        &["fid", "sewing palm", "caulking mallet", "marlinspike", "whipping twine", "knife"],
        &["No. 1", "No. 2", "No. 3", "No. 5", "No. 8"]] },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_gives_the_same_catalogue_without_repeated_article_numbers() {
        let (once, again) = (products(6_000), products(6_000));
        assert_eq!(once.len(), 6_000);
        assert!(once.iter().zip(&again).all(|(a, b)| a.sku == b.sku && a.price == b.price));
        let numbers: HashSet<_> = once.iter().map(|product| &product.sku).collect();
        assert_eq!(numbers.len(), once.len());
    }
}
