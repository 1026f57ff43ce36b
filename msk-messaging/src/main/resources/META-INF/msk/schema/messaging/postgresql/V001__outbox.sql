-- Insert-only: the relay moves a cursor, it never updates a row. Column names are those that Debezium's
-- outbox event router expects. xid tells which transactions a reader has seen, seq orders the events of
-- one key: it is drawn while the writer holds the lock on its aggregate, so it must never be cached. slot: the half hour, of
-- two hours, in which it was published; a slot is truncated when everything in it is sent and old.
CREATE TABLE "${schema}"."${prefix}outbox" (
  part            smallint     NOT NULL,
  xid             xid8         NOT NULL DEFAULT pg_current_xact_id(),
  seq             bigint       NOT NULL GENERATED ALWAYS AS IDENTITY (CACHE 1),
  id              text         NOT NULL,
  aggregatetype   varchar(255) NOT NULL,
  aggregateid     text         NOT NULL,
  type            varchar(255) NOT NULL,
  source          text         NOT NULL,
  subject         text,
  time            text,
  datacontenttype text,
  dataschema      text,
  extensions      jsonb,
  payload         bytea,
  created_at      timestamptz  NOT NULL DEFAULT clock_timestamp(),
  slot            smallint     NOT NULL DEFAULT (extract(epoch FROM clock_timestamp())::bigint / 1800 % 4),
  PRIMARY KEY (part, xid, seq, slot)
) PARTITION BY LIST (slot);

CREATE TABLE "${schema}"."${prefix}outbox_0" PARTITION OF "${schema}"."${prefix}outbox" FOR VALUES IN (0);
CREATE TABLE "${schema}"."${prefix}outbox_1" PARTITION OF "${schema}"."${prefix}outbox" FOR VALUES IN (1);
CREATE TABLE "${schema}"."${prefix}outbox_2" PARTITION OF "${schema}"."${prefix}outbox" FOR VALUES IN (2);
CREATE TABLE "${schema}"."${prefix}outbox_3" PARTITION OF "${schema}"."${prefix}outbox" FOR VALUES IN (3);

-- done: every event whose transaction is visible in this snapshot has been sent.
-- reading: the snapshot that is being sent, and up to which seq; null between two snapshots.
CREATE TABLE "${schema}"."${prefix}outbox_cursor" (
  part        smallint    PRIMARY KEY,
  epoch       bigint      NOT NULL DEFAULT 0,
  done        pg_snapshot NOT NULL DEFAULT '1:1:',
  reading     pg_snapshot,
  reading_seq bigint      NOT NULL DEFAULT 0,
  updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

INSERT INTO "${schema}"."${prefix}outbox_cursor" (part) SELECT generate_series(0, 15);

-- Events that are to be sent later: when it is time, a relay moves them to the end of the outbox, where they get their seq.
CREATE TABLE "${schema}"."${prefix}outbox_delayed" (
  available_at    timestamptz  NOT NULL,
  number          bigint       NOT NULL GENERATED ALWAYS AS IDENTITY,
  part            smallint     NOT NULL,
  id              text         NOT NULL,
  aggregatetype   varchar(255) NOT NULL,
  aggregateid     text         NOT NULL,
  type            varchar(255) NOT NULL,
  source          text         NOT NULL,
  subject         text,
  time            text,
  datacontenttype text,
  dataschema      text,
  extensions      jsonb,
  payload         bytea,
  PRIMARY KEY (available_at, number)
);
