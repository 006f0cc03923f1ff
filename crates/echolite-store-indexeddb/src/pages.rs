//! The places of one resource's rows, in memory: which page, which slot.

use crate::layout::{PAGE, decode_row, encode_row};
use echolite_cache::{Batch, Name, StoredRow};
use js_sys::Array;
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};

/// All pages of a resource, as stored, and where in them each row is.
///
/// A place is `page * PAGE + slot`. The pages are JavaScript's own arrays: a page to be written again
/// needs its other rows as well, and they cost a reference each, not a copy.
#[derive(Default)]
pub(crate) struct Pages {
    /// The commit that these are the pages of.
    pub(crate) sequence: u64,
    pages: Vec<Array>,
    occupied: Vec<u32>,
    places: BTreeMap<Name, u32>,
    free: Vec<u32>,
}

impl Pages {
    /// Takes over what was stored, handing each row to `each`; `None` where it is not what this store
    /// writes: slots of another shape, two rows with one id.
    pub(crate) fn read<P: From<JsValue>>(
        stored: &Array,
        each: &mut dyn FnMut(StoredRow<P>),
    ) -> Option<Self> {
        let mut pages = Self::default();
        for (number, page) in (0_u32..).zip(stored.iter()) {
            let page = page.dyn_into::<Array>().ok()?;
            if page.length() > PAGE {
                return None;
            }
            pages.occupied.push(0);
            for slot in 0..page.length() {
                let (place, value) = (number * PAGE + slot, page.get(slot));
                if value.is_null() || value.is_undefined() {
                    pages.free.push(place);
                    continue;
                }
                let row = decode_row(value.dyn_ref::<Array>()?)?;
                if pages.places.insert(row.id.clone(), place).is_some() {
                    return None;
                }
                pages.occupied[number as usize] += 1;
                each(row);
            }
            // a page that was not full has room
            pages.free.extend((page.length()..PAGE).rev().map(|slot| number * PAGE + slot));
            pages.pages.push(page);
        }
        Some(pages)
    }

    /// How many pages there are.
    pub(crate) fn len(&self) -> u32 {
        self.pages.len() as u32
    }

    /// The page with this number.
    pub(crate) fn page(&self, number: u32) -> &Array {
        &self.pages[number as usize]
    }

    /// Carries a batch out in memory, and says which pages are to be written.
    pub(crate) fn apply<P: AsRef<JsValue>>(&mut self, batch: &Batch<P>) -> Vec<u32> {
        let mut written = vec![false; self.pages.len()];
        for id in &batch.remove {
            if let Some(place) = self.places.remove(id) {
                self.set(place, &JsValue::NULL);
                self.occupied[(place / PAGE) as usize] -= 1;
                self.free.push(place);
                written[(place / PAGE) as usize] = true;
            }
        }
        for row in &batch.put {
            let place = match self.places.get(&row.id) {
                Some(place) => *place,
                None => self.occupy(row.id.clone()),
            };
            self.set(place, &encode_row(row));
            written.resize(self.pages.len(), false);
            written[(place / PAGE) as usize] = true;
        }
        self.drop_empty_pages();
        (0..self.len()).filter(|page| written[*page as usize]).collect()
    }

    fn set(&self, place: u32, value: &JsValue) {
        self.pages[(place / PAGE) as usize].set(place % PAGE, value.clone());
    }

    fn occupy(&mut self, id: Name) -> u32 {
        if self.free.is_empty() {
            let first = self.len() * PAGE;
            self.pages.push(Array::new());
            self.occupied.push(0);
            // taken from the end, so that the page fills from its beginning
            self.free.extend((first..first + PAGE).rev());
        }
        let place = self.free.pop().expect("a page was just added where none was free");
        self.occupied[(place / PAGE) as usize] += 1;
        self.places.insert(id, place);
        place
    }

    fn drop_empty_pages(&mut self) {
        let before = self.len();
        while self.occupied.last() == Some(&0) {
            self.occupied.pop();
            self.pages.pop();
        }
        let end = self.len() * PAGE;
        if self.len() < before {
            self.free.retain(|place| *place < end);
        }
    }
}
