package io.dinoflow.workflow.activity;

/** The kinds of stage; each has a workflow of its own. */
public enum StageKind {
  CURATE,
  TRAIN,
  DISTILL,
  ALIGN_TEXT,
  EVALUATE,
  IMPORT
}
