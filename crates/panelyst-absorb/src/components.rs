//! Connected components of two effects, and what they tell of the rank.
//!
//! Two effects make a bipartite graph: levels are vertices, rows are edges. Each component has one direction in which
//! the dummies of the two effects are collinear, so the rank of two effects is levels + levels - components
//! (Abowd, Creecy and Kramarz 2002, "Computing person and firm effects using linked longitudinal employer-employee
//! data").

/// Components of the graph that two effects make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components {
    /// Number of components.
    pub count: usize,
    /// Component of each level of the first effect, numbered by the first level in which they appear.
    pub first: Vec<u32>,
    /// Component of each level of the second effect.
    pub second: Vec<u32>,
}

/// Components of two effects given by their codes (`0..levels_first` and `0..levels_second`).
///
/// Takes time proportional to rows; a level without rows of the first effect is a component, one of the second effect is
/// put into component 0.
#[must_use]
pub fn components(
    first: &[u32],
    levels_first: usize,
    second: &[u32],
    levels_second: usize,
) -> Components {
    let mut forest = Forest::new(levels_first + levels_second);
    for (&left, &right) in first.iter().zip(second) {
        forest.join(left, levels_first as u32 + right);
    }
    let mut number = vec![0u32; levels_first + levels_second];
    let mut count = 0;
    let mut of_first = Vec::with_capacity(levels_first);
    for level in 0..levels_first as u32 {
        let top = forest.root(level);
        if top == level {
            number[level as usize] = count;
            count += 1;
        }
        of_first.push(number[top as usize]);
    }
    let of_second = (0..levels_second)
        .map(|level| {
            let top = forest.root((levels_first + level) as u32);
            number[top as usize]
        })
        .collect();
    Components {
        count: count as usize,
        first: of_first,
        second: of_second,
    }
}

/// Disjoint sets, each known by its smallest member.
pub(crate) struct Forest {
    parent: Vec<u32>,
}

impl Forest {
    /// Every vertex by itself.
    pub(crate) fn new(count: usize) -> Self {
        Self {
            parent: (0..count as u32).collect(),
        }
    }

    /// Joins two sets, and says whether they were two.
    pub(crate) fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        // The smaller number is the root, so that every set's root is its first member.
        self.parent[a.max(b) as usize] = a.min(b);
        a != b
    }

    /// First member of a vertex's set, halving the path on the way.
    pub(crate) fn root(&mut self, mut vertex: u32) -> u32 {
        while self.parent[vertex as usize] != vertex {
            let above = self.parent[self.parent[vertex as usize] as usize];
            self.parent[vertex as usize] = above;
            vertex = above;
        }
        vertex
    }

    /// Which vertices are the first of their set.
    pub(crate) fn firsts(&self) -> Vec<bool> {
        let pairs = self.parent.iter().enumerate();
        pairs
            .map(|(vertex, &above)| vertex == above as usize)
            .collect()
    }
}
