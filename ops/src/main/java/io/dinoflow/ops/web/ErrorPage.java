package io.dinoflow.ops.web;

/**
 * What went wrong and the way out; its JSON twin is this record.
 *
 * @param status of HTTP
 * @param remedy what to do, with a command where there is one
 */
public record ErrorPage(int status, String what, String why, String remedy) {}
