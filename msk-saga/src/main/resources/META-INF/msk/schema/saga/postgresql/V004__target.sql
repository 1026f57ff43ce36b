-- target: what the saga works on alone. waits_for_target: another one has it yet.
ALTER TABLE "${schema}"."${prefix}saga"
  ADD COLUMN target           varchar(300),
  ADD COLUMN waits_for_target boolean NOT NULL DEFAULT false;

-- Who works on a target. Whoever changes that, or asks for it, locks this row first, before any row of a saga.
CREATE TABLE "${schema}"."${prefix}saga_target" (
  target  varchar(300) PRIMARY KEY,
  saga_id uuid         NOT NULL
);

-- Who waits for a target, in the order in which they came.
CREATE TABLE "${schema}"."${prefix}saga_target_queue" (
  target  varchar(300) NOT NULL,
  seq     bigint       GENERATED ALWAYS AS IDENTITY,
  saga_id uuid         NOT NULL UNIQUE,
  PRIMARY KEY (target, seq)
);
