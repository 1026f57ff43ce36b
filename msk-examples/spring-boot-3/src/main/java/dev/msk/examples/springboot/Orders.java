package dev.msk.examples.springboot;

import org.springframework.data.jpa.repository.JpaRepository;

interface Orders extends JpaRepository<Order, String> {}
