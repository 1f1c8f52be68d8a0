-- What the firings of retraining schedules decided. Temporal keeps ten and forgets histories; people ask later.

CREATE TABLE firing (
  workflow    text PRIMARY KEY,
  schedule    text        NOT NULL,
  fired_at    timestamptz NOT NULL,
  run         text        NOT NULL,
  outcome     text        NOT NULL CHECK (outcome IN ('deciding', 'skipped', 'training', 'asked', 'promoted',
                                                      'refused', 'rejected', 'failed', 'cancelled')),
  reason      text        NOT NULL DEFAULT '',
  question    text                 CHECK (question ~ '^[0-9a-f]{64}$'),
  numbers     jsonb       NOT NULL DEFAULT '{}',
  begun_at    timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now());
COMMENT ON TABLE firing IS 'One row a firing of a retraining schedule; its outcome moves on until it is decided';
COMMENT ON COLUMN firing.fired_at IS 'When it was due, not when it began: the two differ after an outage';
COMMENT ON COLUMN firing.begun_at IS 'When a worker first looked at it: much later than it was started where none lived';
COMMENT ON COLUMN firing.run IS 'The run that it starts, or would have started: hence no foreign key';
COMMENT ON COLUMN firing.question IS 'Digest of the data, the champion and the request: a question that was answered is not asked again';
COMMENT ON COLUMN firing.numbers IS 'What the gate was decided on, by name';
CREATE INDEX firing_by_schedule ON firing (schedule, fired_at DESC);
CREATE INDEX firing_by_run ON firing (run);
