-- A run's recipe as it was changed on the way. The run's own recipe stays what it was opened with.

CREATE TABLE recipe_revision (
  run         text    NOT NULL REFERENCES run,
  scope       text    NOT NULL,
  number      integer NOT NULL CHECK (number >= 1),
  cause       text    NOT NULL,
  digest      text    NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  recipe_json text    NOT NULL,
  reason      text    NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run, scope, number),
  UNIQUE (run, scope, cause));
COMMENT ON TABLE recipe_revision IS 'The newest of a scope holds from the next segment on';
COMMENT ON COLUMN recipe_revision.scope IS 'What it holds for: a stage, or stage/group of a Distill stage';
COMMENT ON COLUMN recipe_revision.cause IS 'What led to it, so that the same cause cannot revise twice';
COMMENT ON COLUMN recipe_revision.recipe_json IS 'The whole recipe in canonical JSON, whose digest checkpoints carry';
