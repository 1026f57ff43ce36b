CREATE TABLE "${schema}"."${prefix}half" (id int);
CREATE TABLE "${schema}"."${prefix}half" (id int);
