-- Views for people with a SQL prompt. They are the documented door: tables may change, these names and columns stay.
DROP VIEW IF EXISTS v_checkpoint_lineage, v_checkpoint, v_run, v_dataset, v_stage, v_model, v_promotion, v_firing;

CREATE VIEW v_run AS
SELECT r.id AS run, r.recipe_name AS recipe, r.state, r.reason, r.created_at, r.closed_at,
       (SELECT count(*) FROM stage s WHERE s.run = r.id AND s.state = 'done') AS stages_done,
       (SELECT count(*) FROM stage s WHERE s.run = r.id) AS stages_begun,
       (SELECT count(*) FROM track t JOIN checkpoint c ON c.track = t.id WHERE t.run = r.id) AS checkpoints,
       r.recipe_digest
FROM run r;
COMMENT ON VIEW v_run IS 'One row a run: where it stands and how much it has made';

CREATE VIEW v_stage AS
SELECT s.run, s.position, s.name AS stage, s.kind, s.state, s.reason, s.started_at, s.finished_at,
       s.finished_at - s.started_at AS took, s.reused_from, s.result
FROM stage s;
COMMENT ON VIEW v_stage IS 'One row a stage begun, in the order of position within its run';

CREATE VIEW v_checkpoint AS
SELECT c.id, t.run, t.stage, nullif(t.student, '') AS student, c.track, c.step, c.state, c.bytes, c.parent,
       coalesce(t.head = c.id, false) AS is_head, c.pinned, c.state_digest, c.created_at
FROM checkpoint c JOIN track t ON t.id = c.track;
COMMENT ON VIEW v_checkpoint IS 'One row a checkpoint; is_head marks the one its track goes on from';

CREATE VIEW v_checkpoint_lineage AS
SELECT f.name AS made, f.kind AS made_kind, fc.step AS made_step, e.kind AS why, e.attributes,
       o.name AS made_from, o.kind AS made_from_kind, oc.step AS made_from_step,
       f.run AS made_in_run, o.run AS made_from_run, e.from_id, e.to_id, f.created_at AS made_at
FROM edge e
JOIN artifact f ON f.id = e.from_id
JOIN artifact o ON o.id = e.to_id
LEFT JOIN checkpoint fc ON fc.id = f.id
LEFT JOIN checkpoint oc ON oc.id = o.id;
COMMENT ON VIEW v_checkpoint_lineage IS
  'One row an edge of the lineage graph, both ends by name (a checkpoint''s is track@step) and step. '
  'Which checkpoints served as Gram teacher of a run: SELECT made_from, made FROM v_checkpoint_lineage '
  'WHERE why = ''GRAM_TEACHER'' AND made_in_run = ''my-run''';

CREATE VIEW v_dataset AS
SELECT d.name AS dataset, d.version, a.kind, d.samples, a.run AS made_in_run, a.facts, d.created_at
FROM dataset d JOIN artifact a ON a.id = d.version;
COMMENT ON VIEW v_dataset IS 'One row a dataset version; the newest created_at of a name is the version that schedules take';

CREATE VIEW v_model AS
SELECT v.model, v.version, v.checkpoint, c.track, c.step, c.state,
       coalesce((SELECT array_agg(a.alias ORDER BY a.alias) FROM model_alias a
                 WHERE a.model = v.model AND a.version = v.version), '{}') AS aliases,
       v.evaluation, v.registered_at
FROM model_version v JOIN checkpoint c ON c.id = v.checkpoint;
COMMENT ON VIEW v_model IS 'One row a version of a model, with the aliases that point at it';

CREATE VIEW v_promotion AS
SELECT model, alias, kind, version, replaced, who, why, numbers, at FROM promotion;
COMMENT ON VIEW v_promotion IS 'One row a move of an alias';

CREATE VIEW v_firing AS
SELECT schedule, fired_at, outcome, reason, run, numbers, workflow, begun_at, updated_at FROM firing;
COMMENT ON VIEW v_firing IS 'One row a firing of a retraining schedule, with what it decided and on what numbers';
