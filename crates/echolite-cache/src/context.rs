//! Time, randomness and outputs during one input.

use std::collections::VecDeque;

use crate::{Now, Output, RequestId};

/// The moment, the randomness, and the way out.
pub(crate) struct Context<'a, P> {
    pub(crate) now: Now,
    pub(crate) random: &'a mut fastrand::Rng,
    pub(crate) out: &'a mut VecDeque<Output<P>>,
    pub(crate) requests: &'a mut RequestId,
}

impl<P> Context<'_, P> {
    pub(crate) fn emit(&mut self, output: Output<P>) {
        self.out.push_back(output);
    }

    /// A number for a request that no earlier one of this engine had.
    pub(crate) fn next_request(&mut self) -> RequestId {
        *self.requests = self.requests.wrapping_add(1);
        *self.requests
    }
}
