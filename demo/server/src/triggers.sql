-- Whoever changes a product, by hand with `sqlite3` too, raises the head of the resource, and the log says which.
CREATE VIEW changed_products AS SELECT 0 AS id, FALSE AS deleted WHERE FALSE;
CREATE TRIGGER product_changed INSTEAD OF INSERT ON changed_products BEGIN
  UPDATE echolite_heads SET seq = seq + 1 WHERE resource = 'products';
  INSERT INTO echolite_changes (resource, row_id, seq, deleted)
  SELECT resource, new.id, seq, new.deleted FROM echolite_heads WHERE resource = 'products'
  ON CONFLICT (resource, row_id)
  DO UPDATE SET seq = excluded.seq, deleted = excluded.deleted, at = excluded.at;
END;

CREATE TRIGGER product_inserted AFTER INSERT ON products BEGIN
  INSERT INTO changed_products VALUES (new.id, FALSE);
  UPDATE products SET version = (SELECT seq FROM echolite_heads WHERE resource = 'products')
  WHERE id = new.id;
END;

CREATE TRIGGER product_updated
AFTER UPDATE OF sku, name, brand, category, price, stock, rating ON products BEGIN
  INSERT INTO changed_products VALUES (new.id, FALSE);
  UPDATE products
  SET version = (SELECT seq FROM echolite_heads WHERE resource = 'products'),
    updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  WHERE id = new.id;
END;

CREATE TRIGGER product_deleted AFTER DELETE ON products BEGIN
  INSERT INTO changed_products VALUES (old.id, TRUE);
END;
