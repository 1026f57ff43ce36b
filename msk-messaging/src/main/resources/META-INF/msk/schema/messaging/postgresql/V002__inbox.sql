-- What a consumer has processed. fingerprint and answer are set for requests only. Names are compared by their bytes, which
-- costs a fraction of what a language's rules do, and stays the same when the operating system's rules change.
-- This table itself holds requests, and events whose id tells no time; SELECT FROM it reads the ring below too.
CREATE TABLE "${schema}"."${prefix}inbox" (
  consumer    varchar(255) COLLATE "C" NOT NULL,
  source      text         COLLATE "C" NOT NULL,
  id          text         COLLATE "C" NOT NULL,
  fingerprint bytea,
  answer      bytea,
  received_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, source, id)
);

CREATE INDEX "${prefix}inbox_received_at" ON "${schema}"."${prefix}inbox" USING brin (received_at) WITH (autosummarize = on);

-- A ring of ten days. An event is in the table of the day that its id was made on (UUID version 7, days since 1970 modulo 10), so each of
-- its deliveries looks into the same one, and a day that has become old is truncated as a whole.
CREATE TABLE "${schema}"."${prefix}inbox_0" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_1" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_2" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_3" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_4" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_5" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_6" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_7" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_8" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");
CREATE TABLE "${schema}"."${prefix}inbox_9" (LIKE "${schema}"."${prefix}inbox" INCLUDING ALL) INHERITS ("${schema}"."${prefix}inbox");

-- For the inbox that remembers keys, not events: the highest sequence that was processed, and what it was before the last
-- batch, which tells the new events of that batch from repetitions.
CREATE TABLE "${schema}"."${prefix}inbox_watermark" (
  consumer  varchar(255) COLLATE "C" NOT NULL,
  source    text         COLLATE "C" NOT NULL,
  key       text         COLLATE "C" NOT NULL,
  sequence  text         COLLATE "C" NOT NULL,
  previous  text         COLLATE "C" NOT NULL DEFAULT '',
  raised_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, source, key)
) WITH (fillfactor = 70);

-- Messages that could not be processed, whole, with the reason: a row is here if and only if its effect was not committed.
-- digest: SHA-256 over headers and body; a message that comes again is kept once. holds_key: later messages of the key come
-- here too, to keep their order. replay_by: who asked for it to be processed once more; null when nobody has.
CREATE TABLE "${schema}"."${prefix}dead_letter" (
  seq       bigint       PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  consumer  varchar(255) NOT NULL,
  origin    text         NOT NULL,
  source    text,
  id        text,
  type      text,
  key       text,
  headers   jsonb        NOT NULL,
  body      bytea,
  error     text         NOT NULL,
  attempts  int          NOT NULL,
  digest    bytea        NOT NULL,
  holds_key boolean      NOT NULL DEFAULT false,
  replay_by varchar(255),
  parked_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (consumer, origin, digest)
);

CREATE INDEX "${prefix}dead_letter_key" ON "${schema}"."${prefix}dead_letter" (consumer, key, seq);
CREATE INDEX "${prefix}dead_letter_replay" ON "${schema}"."${prefix}dead_letter" (consumer, seq) WHERE replay_by IS NOT NULL;

-- What was done with them, and by whom. letter: the seq of a row that may be gone. Yours to keep or to purge.
CREATE TABLE "${schema}"."${prefix}dead_letter_history" (
  seq      bigint        PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  at       timestamptz   NOT NULL DEFAULT clock_timestamp(),
  consumer varchar(255)  NOT NULL,
  act      varchar(32)   NOT NULL,
  letter   bigint        NOT NULL,
  event    text          NOT NULL,
  actor    varchar(255)  NOT NULL,
  reason   varchar(1000) NOT NULL
);

CREATE INDEX "${prefix}dead_letter_history_consumer" ON "${schema}"."${prefix}dead_letter_history" (consumer, seq);
