-- cancel: why the saga is to be cancelled, null while nobody asks. Written without a new rev, so that the attempt under way may
-- still write its outcome.
-- wait_until: until when the row waits, whoever wakes it before; null when it does not wait.
ALTER TABLE "${schema}"."${prefix}saga"
  ADD COLUMN cancel     text,
  ADD COLUMN wait_until timestamptz;
