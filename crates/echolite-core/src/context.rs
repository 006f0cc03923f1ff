//! Time, randomness and outputs during one input.

use std::collections::VecDeque;

use crate::{Notice, Now, Output, RequestId, Step};

/// The moment, the randomness, and the way out.
pub(crate) struct Context<'a, P> {
    pub(crate) now: Now,
    pub(crate) random: &'a mut fastrand::Rng,
    pub(crate) steps: &'a mut VecDeque<Step<P>>,
    pub(crate) requests: &'a mut RequestId,
    /// Whether a layer above takes notices.
    pub(crate) notices: bool,
}

impl<P> Context<'_, P> {
    pub(crate) fn emit(&mut self, output: Output<P>) {
        self.steps.push_back(Step::Output(output));
    }

    pub(crate) fn notice(&mut self, notice: Notice<P>) {
        if self.notices {
            self.steps.push_back(Step::Notice(notice));
        }
    }

    /// A number for a request that no earlier one of this engine had.
    pub(crate) fn next_request(&mut self) -> RequestId {
        *self.requests = self.requests.wrapping_add(1);
        *self.requests
    }
}
