-- rested_at: since when nobody works on the saga, ended or stuck. updated_at changes with every move, and a column of an index that
-- changes makes the update one that writes to all of them.
ALTER TABLE "${schema}"."${prefix}saga" ADD COLUMN rested_at timestamptz;
UPDATE "${schema}"."${prefix}saga" SET rested_at = updated_at
  WHERE status IN ('STUCK_FORWARD', 'STUCK_BACKWARD', 'COMPLETED', 'COMPENSATED', 'ABANDONED');

DROP INDEX "${schema}"."${prefix}saga_stuck";
DROP INDEX "${schema}"."${prefix}saga_ended";
CREATE INDEX "${prefix}saga_stuck" ON "${schema}"."${prefix}saga" (rested_at)
  WHERE status IN ('STUCK_FORWARD', 'STUCK_BACKWARD');
CREATE INDEX "${prefix}saga_ended" ON "${schema}"."${prefix}saga" (rested_at)
  WHERE status IN ('COMPLETED', 'COMPENSATED', 'ABANDONED');
