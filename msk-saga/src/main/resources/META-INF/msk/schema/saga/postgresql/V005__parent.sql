-- parent_id, parent_step, branch: the saga, its step and which of the step's sagas, when another one began it.
ALTER TABLE "${schema}"."${prefix}saga"
  ADD COLUMN parent_id   uuid,
  ADD COLUMN parent_step varchar(64),
  ADD COLUMN branch      varchar(64);

CREATE INDEX "${prefix}saga_children" ON "${schema}"."${prefix}saga" (parent_id, parent_step) WHERE parent_id IS NOT NULL;
