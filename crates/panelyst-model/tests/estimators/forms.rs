//! How covariances are written, and what mistakes in them are told.

use crate::data::{error, table, with_column};
use panelyst_model::Vcov;

#[test]
fn what_is_written_is_read_back() {
    for text in [
        "iid",
        "hc0",
        "hc1",
        "hc2",
        "hc3",
        "cluster:a",
        "cluster:a+b+c+d",
        "cluster:a^b+c",
        "newey-west",
        "newey-west:0",
        "driscoll-kraay",
        "driscoll-kraay:12",
        "conley:0.5,lat,lon",
        "conley:500,lat,lon,bartlett",
        "conley:500,`lat,1`,`lon+2`",
        "cluster:`a+b`+c",
    ] {
        assert_eq!(Vcov::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(
        Vcov::parse(" cluster: `a b` + c ").unwrap().to_string(),
        "cluster:a b+c"
    );
    for (text, message) in [
        (
            "hc4",
            "there is no covariance named `hc4` (did you mean hc0 or hc1 or hc2?); known: iid, hc0, hc1, hc2, hc3, cluster:a, cluster:a+b (up to four), newey-west:L, driscoll-kraay:L, conley:KM,latitude,longitude, crv3:a, cr2:a, wild:a, pairs:a",
        ),
        (
            "hc1:id",
            "covariance `hc1:id`: nothing follows `hc1`; write the name alone",
        ),
        (
            "cluster",
            "covariance `cluster`: a name is missing; write cluster:a or cluster:a+b, with one to four different columns",
        ),
        (
            "cluster:a+",
            "covariance `cluster:a+`: a name is missing; write cluster:a or cluster:a+b, with one to four different columns",
        ),
        (
            "cluster:a+a",
            "covariance `cluster:a+a`: `a` stands twice; write cluster:a or cluster:a+b, with one to four different columns",
        ),
        (
            "cluster:a+b+c+d+e",
            "covariance `cluster:a+b+c+d+e`: 5 cluster variables are too many; write cluster:a or cluster:a+b, with one to four different columns",
        ),
        (
            "cluster:`a",
            "covariance `cluster:`a`: a backquote is not closed; write cluster:a or cluster:a+b, with one to four different columns",
        ),
        (
            "newey-west:-1",
            "covariance `newey-west:-1`: `-1` is not a number of periods; write newey-west:L or driscoll-kraay:L with a whole number of periods L, or without `:L` for the convention's own lag",
        ),
        (
            "driscoll-kraay:+2",
            "covariance `driscoll-kraay:+2`: `+2` is not a number of periods; write newey-west:L or driscoll-kraay:L with a whole number of periods L, or without `:L` for the convention's own lag",
        ),
        (
            "conley:500",
            "covariance `conley:500`: 1 parts after `conley:`; write conley:KM,latitude,longitude with a distance in kilometres and two columns, and `,bartlett` for weights that fall with distance",
        ),
        (
            "conley:-5,lat,lon",
            "covariance `conley:-5,lat,lon`: the distance -5 is not between 0 and 20100 km; write conley:KM,latitude,longitude with a distance in kilometres and two columns, and `,bartlett` for weights that fall with distance",
        ),
        (
            "conley:NaN,lat,lon",
            "covariance `conley:NaN,lat,lon`: the distance NaN is not between 0 and 20100 km; write conley:KM,latitude,longitude with a distance in kilometres and two columns, and `,bartlett` for weights that fall with distance",
        ),
        (
            "conley:5,lat,lon,cosine",
            "covariance `conley:5,lat,lon,cosine`: there is no kernel `cosine` (uniform or bartlett); write conley:KM,latitude,longitude with a distance in kilometres and two columns, and `,bartlett` for weights that fall with distance",
        ),
    ] {
        assert_eq!(Vcov::parse(text).unwrap_err().to_string(), message);
    }
}

#[test]
fn forms_and_mistakes() {
    for text in [
        "crv3:state",
        "cr2:a^b",
        "wild:state",
        "wild:state,webb,draws=99999,seed=7",
        "pairs:`a,b`,draws=199",
    ] {
        assert_eq!(Vcov::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(
        Vcov::parse("jackknife:g").unwrap(),
        Vcov::parse("crv3:g").unwrap()
    );
    assert_eq!(
        Vcov::parse("bootstrap:g").unwrap(),
        Vcov::parse("pairs:g").unwrap()
    );
    for text in [
        "crv3",
        "crv3:a+b",
        "wild:",
        "wild:a,draws=3",
        "wild:a,draws=x",
        "wild:a,mammen",
        "pairs:a,webb",
        "pairs:a,seed=-1",
    ] {
        assert!(Vcov::parse(text).is_err(), "{text}");
    }
    let batch = table("canonical/munnell.csv");
    let one = with_column(&batch, "one", vec![1.0; batch.num_rows()]);
    for vcov in ["crv3:one", "cr2:one", "wild:one", "pairs:one"] {
        let text = error(&one, "log(gsp) ~ unemp", &format!("vcov={vcov}")).to_string();
        assert!(text.contains("one"), "{text}");
    }
    let text = error(
        &batch,
        "gsp ~ unemp | state",
        "model=poisson vcov=wild:state",
    )
    .to_string();
    assert!(text.contains("wild"), "{text}");
}
