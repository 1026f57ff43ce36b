-- The shape under which a version was first registered; the same version with another one is refused.
CREATE TABLE "${schema}"."${prefix}saga_definition" (
  name          varchar(100) NOT NULL,
  version       int          NOT NULL,
  fingerprint   text         NOT NULL,
  registered_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (name, version)
);

-- One row for each saga. position: the step to run next, or to compensate next; -1 when nothing is left to compensate.
-- epoch: of the lease of the node that works on it, null when nobody does. wake_at: when somebody must, null at rest.
-- maybe: an attempt that an operator's retry has put behind may have taken place.
-- rev grows with every change but the claim; a write names epoch and rev, and changes nothing when they are not the row's.
CREATE TABLE "${schema}"."${prefix}saga" (
  id             uuid         PRIMARY KEY,
  name           varchar(100) NOT NULL,
  version        int          NOT NULL,
  business_key   varchar(200) NOT NULL,
  status         varchar(16)  NOT NULL CHECK (status IN ('RUNNING', 'COMPENSATING', 'STUCK_FORWARD', 'STUCK_BACKWARD',
                                                         'COMPLETED', 'COMPENSATED', 'ABANDONED')),
  position       int          NOT NULL,
  step           varchar(64),
  pivoted        boolean      NOT NULL DEFAULT false,
  attempts       int          NOT NULL DEFAULT 0,
  crashes        int          NOT NULL DEFAULT 0,
  maybe          boolean      NOT NULL DEFAULT false,
  rev            bigint       NOT NULL DEFAULT 0,
  owner          varchar(200),
  epoch          bigint,
  wake_at        timestamptz,
  deadline_at    timestamptz,
  state          bytea        NOT NULL,
  error          text,
  correlation_id text,
  trace_parent   text,
  trace_state    text,
  created_at     timestamptz  NOT NULL DEFAULT clock_timestamp(),
  updated_at     timestamptz  NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (name, business_key)
) WITH (fillfactor = 70);

CREATE INDEX "${prefix}saga_due" ON "${schema}"."${prefix}saga" (wake_at) WHERE epoch IS NULL AND wake_at IS NOT NULL;
CREATE INDEX "${prefix}saga_owned" ON "${schema}"."${prefix}saga" (epoch) WHERE epoch IS NOT NULL;
CREATE INDEX "${prefix}saga_stuck" ON "${schema}"."${prefix}saga" (updated_at)
  WHERE status IN ('STUCK_FORWARD', 'STUCK_BACKWARD');
CREATE INDEX "${prefix}saga_ended" ON "${schema}"."${prefix}saga" (updated_at)
  WHERE status IN ('COMPLETED', 'COMPENSATED', 'ABANDONED');

-- What happened, in order; only ever inserted.
CREATE TABLE "${schema}"."${prefix}saga_step" (
  saga_id    uuid        NOT NULL,
  rev        bigint      NOT NULL,
  transition varchar(16) NOT NULL,
  step       varchar(64),
  attempt    int         NOT NULL,
  error      text,
  node       varchar(200),
  at         timestamptz NOT NULL,
  PRIMARY KEY (saga_id, rev)
);

-- Replies to commands: the first one to each command, whole.
CREATE TABLE "${schema}"."${prefix}saga_reply" (
  saga_id     uuid        NOT NULL,
  step        varchar(64) NOT NULL,
  undo        boolean     NOT NULL,
  source      text        NOT NULL,
  message_id  text        NOT NULL,
  type        text        NOT NULL,
  data        bytea,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (saga_id, step, undo)
);

-- What operators did. Not aged out.
CREATE TABLE "${schema}"."${prefix}saga_audit" (
  seq     bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  saga_id uuid        NOT NULL,
  action  varchar(16) NOT NULL,
  who     text        NOT NULL,
  reason  text        NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
