package io.dinoflow.ops.web;

/**
 * What went wrong and the way out; its JSON twin is this record.
 *
 * @param status of HTTP
 * @param why names the value that was sent, shortened
 * @param remedy what to do, with a command where there is one
 */
public record ErrorPage(int status, String what, String why, String remedy) {
  public ErrorPage {
    why = Shortened.text(why);
  }
}
