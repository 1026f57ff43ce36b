CREATE TABLE "${schema}"."${prefix}half" (id int);
SELECT 1 / 0;
