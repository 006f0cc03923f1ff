CREATE TABLE counter (epoch TEXT NOT NULL, seq INTEGER NOT NULL);
INSERT INTO counter VALUES (lower(hex(randomblob(6))), 1);

CREATE TABLE products (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  sku        TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  brand      TEXT    NOT NULL,
  category   TEXT    NOT NULL,
  price      INTEGER NOT NULL,
  stock      INTEGER NOT NULL,
  rating     REAL    NOT NULL,
  version    INTEGER NOT NULL DEFAULT 1,
  updated_at TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE TRIGGER product_inserted AFTER INSERT ON products BEGIN
  UPDATE counter SET seq = seq + 1;
  UPDATE products SET version = (SELECT seq FROM counter) WHERE id = new.id;
END;

CREATE TRIGGER product_updated
AFTER UPDATE OF sku, name, brand, category, price, stock, rating ON products BEGIN
  UPDATE counter SET seq = seq + 1;
  UPDATE products
  SET version = (SELECT seq FROM counter), updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  WHERE id = new.id;
END;

CREATE TRIGGER product_deleted AFTER DELETE ON products BEGIN
  UPDATE counter SET seq = seq + 1;
END;
