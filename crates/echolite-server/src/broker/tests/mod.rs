//! What a broker sends, in which order and to whom: tables of what is done and what each one gets.

mod certainty;
mod late;
mod order;
mod presence;
mod schedules;

mod table;
mod users;
