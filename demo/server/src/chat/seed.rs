//! A chandlery's people, and what they have said to each other so far.

use rusqlite::{Transaction, params};

/// A conversation: title, topic, its members' ids, and what was said: by whom, minutes ago, in which words.
struct Talk {
    title: &'static str,
    topic: &'static str,
    members: &'static [i64],
    said: &'static [(i64, u32, &'static str)],
}

/// Fills a new file. Everybody has read all but what was said in the last half hour.
pub(super) fn fill(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(include_str!("schema.sql"))?;
    for (id, (name, trade)) in (1_i64..).zip(PEOPLE) {
        transaction.execute("INSERT INTO users VALUES (?1, ?2, ?3)", params![id, name, trade])?;
    }
    for (id, talk) in (1_i64..).zip(TALKS) {
        let of_talk = params![id, talk.title, talk.topic];
        transaction.execute("INSERT INTO conversations VALUES (?1, ?2, ?3)", of_talk)?;
        for member in talk.members {
            transaction.execute(
                "INSERT INTO members (conversation_id, user_id) VALUES (?1, ?2)",
                [id, *member],
            )?;
        }
        for (number, (sender, minutes, text)) in talk.said.iter().enumerate() {
            let key = format!("seed-{id}-{number}");
            transaction
                .execute(SAID, params![id, sender, text, key, format!("-{minutes} minutes")])?;
        }
    }
    transaction.execute(READ, []).map(drop)
}

const SAID: &str = "INSERT INTO messages (conversation_id, sender_id, text, key, sent_at)
    VALUES (?1, ?2, ?3, ?4, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ?5))";

const READ: &str = "UPDATE members SET read_up_to = max(read_up_to, coalesce(
    (SELECT max(id) FROM messages WHERE messages.conversation_id = members.conversation_id
        AND sent_at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 minutes')), 0))";

const PEOPLE: [(&str, &str); 5] = [
    ("Ada", "counter"),
    ("Bram", "warehouse"),
    ("Cleo", "rigger"),
    ("Dov", "deliveries"),
    ("Eir", "owner"),
];

#[rustfmt::skip]
const TALKS: [Talk; 5] = [
    Talk { title: "Front counter", topic: "Who is asking for what", members: &[1, 2, 3, 4, 5], said: &[
        (1, 1520, "Morning all. The yard wants two 16 mm dock lines spliced by Friday, eye at both ends."),
        (3, 1514, "Can do. Three-strand or eight-plait?"),
        (1, 1513, "Eight-plait, they say it lies flatter."),
        (2, 190, "Only 38 m of that left on the drum. Reserved for you."),
        (5, 96, "A skipper asked why we list a left-handed marlinspike. Please tell me nobody ordered forty."),
        (2, 94, "Nobody ordered forty."),
        (2, 93, "We were sent forty."),
        (4, 24, "Van is back. Anything for the north pier before the lock closes?"),
        (1, 11, "Two tins of bilge paint and a kettle, they are on the counter."),
    ] },
    Talk { title: "Rope loft", topic: "Splices, stock and sore hands", members: &[1, 2, 3], said: &[
        (3, 420, "The new polyester takes a core-dependent splice badly: the cover milks back further than the \
                  marks say. I have written down what works, before I forget: soak the cover for an hour, put \
                  the bury at 22 diameters instead of 18, taper the core by pulling one strand of each pair \
                  every 3 cm, and lock-stitch twice at right angles. Anything shorter creeps under load, and \
                  the first one I pulled on the bench let go at 40 % of what the maker prints."),
        (2, 415, "Will put the older drum at the front then."),
        (1, 27, "Customer sends thanks for the halyard. Says it runs like water."),
    ] },
    Talk { title: "Night delivery", topic: "After the lock closes", members: &[2, 4, 5], said: &[
        (4, 800, "North pier done, key is in the usual place."),
        (5, 780, "Thank you. Invoice went out."),
    ] },
    Talk { title: "New arrivals", topic: "What came in today", members: &[1, 2, 3, 4, 5], said: &[] },
    Talk { title: "Owners’ books", topic: "Figures", members: &[5], said: &[
        (5, 2000, "Note to self: forty left-handed marlinspikes."),
    ] },
];
