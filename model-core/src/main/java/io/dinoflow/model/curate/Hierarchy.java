package io.dinoflow.model.curate;

import java.util.ArrayList;
import java.util.List;

/**
 * Clusters of clusters.
 *
 * @param levels finest first; the first assigns points to clusters, each further one assigns the
 *     clusters of the level before it
 */
public record Hierarchy(List<KMeans.Clusters> levels) {
  public Hierarchy {
    levels = List.copyOf(levels);
  }

  /** Cluster indexes of a point from the coarsest level to the finest, joined by slashes. */
  public String path(int point) {
    String path = "";
    int member = point;
    for (KMeans.Clusters level : levels) {
      member = level.assignment()[member];
      path = path.isEmpty() ? "" + member : member + "/" + path;
    }
    return path;
  }

  /** Members of each cluster of a level: points at level 0, clusters of the level below above. */
  List<List<Integer>> members(int level) {
    KMeans.Clusters clusters = levels.get(level);
    List<List<Integer>> members = new ArrayList<>();
    for (int c = 0; c < clusters.centroids().count(); c++) {
      members.add(new ArrayList<>());
    }
    for (int i = 0; i < clusters.assignment().length; i++) {
      members.get(clusters.assignment()[i]).add(i);
    }
    return members;
  }
}
