CREATE TABLE "${schema}"."${prefix}good" (id int);
