//! The same bits at 1, 2 and 5 threads, on enough rows for several chunks.

use crate::data::{fit_one, simulated};

#[test]
fn same_bits_at_any_thread_count() {
    let batch = simulated(900, 50, 0.9, 31);
    let run = |threads: usize| -> Vec<u64> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            [
                ("y ~ x1 + x2 + x3", "vcov=hc1"),
                ("y ~ x1 + x2 | id + year", "vcov=cluster:id+year weights=w"),
                ("y ~ x1 + x2", "model=between"),
                ("y ~ x1 + x2", "model=first-difference vcov=cluster:id"),
                ("y ~ x1 + x2", "model=random vcov=cluster:region"),
                ("y ~ x1 + x2", "model=random-ml"),
                ("y ~ x1 + x2 | id + year", "vcov=hc3 weights=w"),
                ("y ~ x1 + x2 | id[x3] + year", "vcov=hc2"),
                ("y ~ x1 + x2 | id", "vcov=newey-west:3"),
                ("y ~ x1 + x2 | id", "vcov=driscoll-kraay:3"),
                ("y ~ x1 + x2", "vcov=conley:30,x3,x4"),
                ("y ~ x1", "vcov=cluster:id+year+region"),
            ]
            .iter()
            .flat_map(|(formula, options)| {
                let fit = fit_one(&batch, formula, &format!("panel=id,year {options}"));
                let numbers = fit
                    .coefficients
                    .iter()
                    .flat_map(|c| [c.estimate, c.std_error, c.p_value, c.ci_low])
                    .chain([fit.rss, fit.r2.unwrap(), fit.loglik.unwrap_or(0.0)])
                    .collect::<Vec<f64>>();
                numbers.into_iter().map(f64::to_bits)
            })
            .collect()
        })
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}
