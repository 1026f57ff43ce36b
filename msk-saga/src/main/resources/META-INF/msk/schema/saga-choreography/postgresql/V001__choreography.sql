-- One row for each instance of a participant. Whoever tells it something locks its row first, then its kept inputs and timers.
-- state: null until an event starts it. version: of the participant that wrote the state, 0 without one.
-- kept: how many inputs are kept for it. rested_at: since when it waits, is in quarantine, or has ended; null while it runs.
CREATE TABLE "${schema}"."${prefix}choreography_instance" (
  participant    varchar(100) NOT NULL,
  instance_key   varchar(200) NOT NULL,
  status         varchar(16)  NOT NULL CHECK (status IN ('WAITING', 'RUNNING', 'QUARANTINED', 'ENDED')),
  version        int          NOT NULL,
  state          bytea,
  kept           int          NOT NULL DEFAULT 0,
  error          text,
  correlation_id text,
  trace_parent   text,
  trace_state    text,
  created_at     timestamptz  NOT NULL DEFAULT clock_timestamp(),
  changed_at     timestamptz  NOT NULL DEFAULT clock_timestamp(),
  rested_at      timestamptz  DEFAULT clock_timestamp(),
  PRIMARY KEY (participant, instance_key)
) WITH (fillfactor = 70);

CREATE INDEX "${prefix}choreography_rested" ON "${schema}"."${prefix}choreography_instance" (status, rested_at)
  WHERE rested_at IS NOT NULL;

-- Inputs that an instance has not taken, in order of place: events that came before it started, and what stands behind a fault.
-- timer: its name, for one that ran down; else the event, whole.
CREATE TABLE "${schema}"."${prefix}choreography_kept" (
  participant     varchar(100) NOT NULL,
  instance_key    varchar(200) NOT NULL,
  place           bigint       NOT NULL,
  timer           varchar(64),
  event_source    text,
  event_id        text,
  event_type      text,
  attribute_names text[],
  attribute_texts text[],
  data            bytea,
  kept_at         timestamptz  NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (participant, instance_key, place)
);

-- Timers that run. version: of the participant that wrote the state, for which an older process leaves them alone.
-- held: their instance is in quarantine.
CREATE TABLE "${schema}"."${prefix}choreography_timer" (
  participant  varchar(100) NOT NULL,
  instance_key varchar(200) NOT NULL,
  timer        varchar(64)  NOT NULL,
  due_at       timestamptz  NOT NULL,
  version      int          NOT NULL,
  held         boolean      NOT NULL DEFAULT false,
  PRIMARY KEY (participant, instance_key, timer)
);

CREATE INDEX "${prefix}choreography_due" ON "${schema}"."${prefix}choreography_timer" (participant, due_at) WHERE NOT held;

-- What operators did.
CREATE TABLE "${schema}"."${prefix}choreography_audit" (
  seq          bigint       PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  participant  varchar(100) NOT NULL,
  instance_key varchar(200) NOT NULL,
  action       varchar(16)  NOT NULL,
  who          text         NOT NULL,
  reason       text         NOT NULL,
  at           timestamptz  NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX "${prefix}choreography_audit_at" ON "${schema}"."${prefix}choreography_audit" (at);
