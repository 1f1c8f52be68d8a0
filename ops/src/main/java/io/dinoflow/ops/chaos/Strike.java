package io.dinoflow.ops.chaos;

/**
 * One decision of a schedule.
 *
 * @param number from 1
 * @param afterMillis after the commit that was waited for, so that every phase of a step is hit
 * @param holdMillis how long a fault that can be lifted lasts
 * @param draw chooses among what is found, such as the file to damage
 * @param twice whether the next strike follows at once, into the recovery from this one
 */
public record Strike(
    int number, Fault fault, long afterMillis, long holdMillis, int draw, boolean twice) {}
