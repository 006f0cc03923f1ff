DROP TABLE IF EXISTS counter;
DROP TABLE IF EXISTS products;

CREATE TABLE products (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  sku        TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  brand      TEXT    NOT NULL,
  category   TEXT    NOT NULL,
  price      INTEGER NOT NULL,
  stock      INTEGER NOT NULL,
  rating     REAL    NOT NULL,
  version    INTEGER NOT NULL DEFAULT 0,
  updated_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
