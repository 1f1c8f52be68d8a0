-- Walks of the lineage graph go by small numbers given in the order of making: what was made together
-- then lies together in the indexes, where digests lie all over them.

ALTER TABLE artifact ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY;
COMMENT ON COLUMN artifact.seq IS 'The order of making; a key within this database only, the id is the name';
ALTER TABLE artifact ADD CONSTRAINT artifact_seq UNIQUE (seq);
ALTER TABLE artifact ADD CONSTRAINT artifact_id_seq UNIQUE (id, seq);

ALTER TABLE edge ADD COLUMN from_seq bigint, ADD COLUMN to_seq bigint;
UPDATE edge e SET from_seq = f.seq, to_seq = t.seq FROM artifact f, artifact t
WHERE f.id = e.from_id AND t.id = e.to_id;
ALTER TABLE edge
  ALTER COLUMN from_seq SET NOT NULL,
  ALTER COLUMN to_seq SET NOT NULL,
  DROP CONSTRAINT edge_from_id_fkey,
  DROP CONSTRAINT edge_to_id_fkey,
  ADD CONSTRAINT edge_from FOREIGN KEY (from_id, from_seq) REFERENCES artifact (id, seq),
  ADD CONSTRAINT edge_to FOREIGN KEY (to_id, to_seq) REFERENCES artifact (id, seq);
COMMENT ON COLUMN edge.from_seq IS 'artifact.seq of from_id, for walks';
COMMENT ON COLUMN edge.to_seq IS 'artifact.seq of to_id, for walks';

-- Whoever writes an edge names artifacts by their ids, rows of a backup from before this column among them.
CREATE FUNCTION edge_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.from_seq := coalesce(NEW.from_seq, (SELECT seq FROM artifact WHERE id = NEW.from_id));
  NEW.to_seq := coalesce(NEW.to_seq, (SELECT seq FROM artifact WHERE id = NEW.to_id));
  RETURN NEW;
END $$;
CREATE TRIGGER edge_number BEFORE INSERT ON edge FOR EACH ROW EXECUTE FUNCTION edge_number();

CREATE INDEX edge_up ON edge (from_seq) INCLUDE (to_seq);
CREATE INDEX edge_down ON edge (to_seq) INCLUDE (from_seq);
CREATE INDEX checkpoint_by_id ON checkpoint USING hash (id);
