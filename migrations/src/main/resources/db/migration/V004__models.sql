-- Models that people rely on, by name: versions are checkpoints, aliases say which one serves.

CREATE TABLE model_version (
  model         text    NOT NULL CHECK (model ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$'),
  version       integer NOT NULL CHECK (version >= 1),
  checkpoint    text    NOT NULL REFERENCES checkpoint,
  evaluation    text             REFERENCES artifact,
  registered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (model, version),
  UNIQUE (model, checkpoint));
COMMENT ON TABLE model_version IS 'A checkpoint under a name; retention keeps it';
COMMENT ON COLUMN model_version.evaluation IS 'What its numbers were read from';
CREATE INDEX model_version_by_checkpoint ON model_version (checkpoint);

CREATE TABLE model_alias (
  model   text    NOT NULL,
  alias   text    NOT NULL CHECK (alias ~ '^[a-z0-9][a-z0-9._/-]{0,79}$'),
  version integer NOT NULL,
  PRIMARY KEY (model, alias),
  FOREIGN KEY (model, version) REFERENCES model_version);
COMMENT ON TABLE model_alias IS 'What serves now: champion, challenger, or one a domain and task such as satellite/segmentation';

CREATE TABLE promotion (
  id       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model    text    NOT NULL,
  alias    text    NOT NULL,
  kind     text    NOT NULL CHECK (kind IN ('promoted', 'rolled_back')),
  version  integer NOT NULL,
  replaced integer,
  who      text    NOT NULL,
  why      text    NOT NULL,
  numbers  jsonb   NOT NULL DEFAULT '{}',
  at       timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (model, version) REFERENCES model_version);
COMMENT ON TABLE promotion IS 'Every move of an alias: who, why and on what numbers';
CREATE INDEX promotion_by_model ON promotion (model, id DESC);
